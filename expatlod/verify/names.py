"""Find names of ours that are used and never described, however many there are.

The IRIs of a file are gathered in memory; of a large one they are put on disk, parted by a
checksum, and each part is looked through by itself.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Names", "undescribed"]

# Of each line of N-Triples or N-Quads the subject, the property, and what else is an IRI in it:
# object, datatype.
_TERMS = re.compile(
    rb'^(?:<([^>]*+)>|_:\S++) <([^>]*+)> (?:<([^>]*+)>|_:\S++|"(?:[^"\\]|\\.)*+"\^\^<([^>]*+)>)?',
    re.MULTILINE,
)

#: So many IRIs are held in memory.
_HELD = 300_000

# An IRI of sixty bytes takes twice that in a set; a hundred million are a million in each part.
_PARTS = 64


@dataclass(slots=True)
class Names:
    """The IRIs in a file that begin with one of *spaces*: the subjects, and those used otherwise.

    *number* is that of the file. What does not fit into memory goes into *folder*.
    """

    number: int
    spaces: tuple[bytes, ...]
    folder: Path
    described: set[bytes] = field(default_factory=set)
    used: set[bytes] = field(default_factory=set)
    spilled: bool = False

    def add(self, block: bytes) -> None:
        """Take in lines of N-Triples."""
        found = _TERMS.findall(block)
        if not found:
            return
        subjects, *rest = map(set, zip(*found, strict=True))
        others = set().union(*rest) - subjects
        self.described.update(each for each in subjects if each.startswith(self.spaces))
        self.used.update(each for each in others if each.startswith(self.spaces))
        if len(self.described) + len(self.used) > _HELD:
            self.spill()

    def spill(self) -> None:
        """Put what is in memory on disk."""
        for kind, names in (("described", self.described), ("used", self.used)):
            parts: list[list[bytes]] = [[] for _ in range(_PARTS)]
            for name in names:
                parts[zlib.crc32(name) % _PARTS].append(name)
            for part, found in enumerate(parts):
                if found:
                    with self._file(kind, part).open("ab") as file:
                        file.write(b"".join(b"%b\n" % name for name in found))
            names.clear()
        self.spilled = True

    def of(self, kind: str, part: int) -> Iterator[bytes]:
        """Yield the names on disk that are "described" or "used", of one part."""
        path = self._file(kind, part)
        if path.is_file():
            with path.open("rb") as file:
                for line in file:
                    yield line[:-1]

    def _file(self, kind: str, part: int) -> Path:
        return self.folder / f"{kind}-{part}-{self.number}"


def undescribed(found: Sequence[Names]) -> Iterator[tuple[bytes, int]]:
    """Yield each name that is used and nowhere described, with the number of a file it is in."""
    if not any(each.spilled for each in found):
        yield from _missing(
            (name for each in found for name in each.described),
            ((name, each.number) for each in found for name in each.used),
        )
        return
    for each in found:
        each.spill()
    for part in range(_PARTS):
        yield from _missing(
            (name for each in found for name in each.of("described", part)),
            ((name, each.number) for each in found for name in each.of("used", part)),
        )


def _missing(
    described: Iterable[bytes], used: Iterable[tuple[bytes, int]]
) -> Iterator[tuple[bytes, int]]:
    known = set(described)
    for name, number in used:
        if name not in known:
            known.add(name)
            yield name, number
