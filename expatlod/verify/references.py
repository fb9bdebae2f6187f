"""See that what a release points at is there: names described, addresses and links of files."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

import pyoxigraph as ox

from expatlod.archive import LATEST, RELEASES, File
from expatlod.dumps import SYNTAXES
from expatlod.rdf import read as read_rdf
from expatlod.verify.compare import Readings, Seen, spaces_of
from expatlod.verify.facts import Facts
from expatlod.verify.folder import ChangedError, read
from expatlod.verify.links import PAGES, Page, page
from expatlod.verify.names import Names, undescribed
from expatlod.verify.parts import Part, Root

__all__ = ["resolve"]

#: The largest page that links are looked for in, in bytes, and file that a place is looked for in.
LARGEST_PAGE = 10_000_000

_QUERIES = "queries/"

# Pages link to each other wherever the site is served, or kept on a disk: deep enough that no link
# out of it comes to its end at the top.
_SOMEWHERE = "http://site.invalid/" + "a/" * 9


def resolve(root: Root, readings: Readings) -> None:
    """Add to the findings of *root* what leads nowhere."""
    for part in root.parts:
        source = part if part.manifest else root.newest
        if source is not None and source.manifest is not None:
            _Resolver(root, readings, part, source).run()


class _Resolver:
    """What is looked at for one part; *source* is the release that it speaks of."""

    def __init__(self, root: Root, readings: Readings, part: Part, source: Part) -> None:
        assert source.manifest is not None
        self._root, self._readings, self._part, self._source = root, readings, part, source
        self._site = source.manifest.site
        self._listing = source.prefix + source.listing
        self._own = f"{RELEASES}/{source.manifest.release}/"
        self._spaces = tuple(each.decode() for each in spaces_of(root, readings, part))
        self._sorted = sorted(root.known)
        self._pages: dict[str, Page] = {}
        self._places: dict[str, dict[str, int]] = {}
        self._told: set[tuple[str, str]] = set()
        self._used: dict[int, Names] = {}
        self._facts = {
            path: facts
            for path, facts in readings.facts.items()
            if path in {part.prefix + each for each in part.files}
        }

    def run(self) -> None:
        mine = [each for each in self._readings.whole if each[0] is self._part]
        for seen in mine:
            self._look(seen)
        for path, facts in self._facts.items():
            self._catalogued(path, facts)
            self._listed_queries(path, facts)
        self._names({job.number: self._part.prefix + job.file.path for _, job, _ in mine})

    # -- addresses

    def _leads(self, address: str, *, page: bool = False) -> bool | None:
        """Tell whether *address* is that of a file; None when that cannot be seen from here.

        A folder has an address when a page in it is served, and of RDF in any case.
        """
        if not address.startswith(self._site):
            return None
        path = unquote(re.split(r"[?#]", address[len(self._site) :])[0])
        if not self._root.is_site:
            if not path.startswith((self._own, f"{LATEST}/")):
                elsewhere = path.startswith(f"{RELEASES}/") or "." in path.rpartition("/")[2]
                return None if elsewhere or not path else False
            path = path.removeprefix(self._own).removeprefix(f"{LATEST}/")
        if path and not path.endswith("/"):
            return path in self._root.known
        if page:
            return f"{path}index.html" in self._root.known
        return not path or self._is_folder(path)

    def _is_folder(self, path: str) -> bool:
        at = bisect_left(self._sorted, path)
        return at < len(self._sorted) and self._sorted[at].startswith(path)

    def _tell(self, path: str, line: Callable[[], int] | int, link: str) -> None:
        if (path, link) not in self._told:
            self._told.add((path, link))
            self._root.tell("release:link", path, line, link=link[:300])

    # -- pages

    def _look(self, seen: Seen) -> None:
        part, job, _ = seen
        path, ending = job.file.path, PurePosixPath(job.file.path).suffix
        if ending not in (*PAGES, ".jsonld") or path.startswith("dump/"):
            return
        try:
            text = read(job.path, LARGEST_PAGE).decode("utf-8", "replace")
        except ChangedError as error:
            if ending in PAGES:
                self._root.tell("release:size", part.prefix + path, why=error, why_da=error)
            return
        for address in self._mentioned(text, ending):
            if self._leads(address) is False:
                line = partial(_line_of, text, address)
                self._tell(part.prefix + path, line, address)
        if ending not in PAGES:
            return
        # The same page is served twice, and one of them is a level higher.
        prefixes = [part.prefix or (self._own if not self._root.is_site else "")]
        if self._root.newest is part:
            prefixes.append(f"{LATEST}/")
        for prefix in prefixes:
            shown = prefix if self._root.is_site else ""
            self._follow(f"{prefix}{path}", shown + path, page(ending, text), job.number)

    def _mentioned(self, text: str, ending: str) -> Iterator[str]:
        """Yield the addresses of files that stand in a text, linked or not."""
        if ending in (".html", ".jsonld"):
            pattern = re.escape(self._site) + rf"(?:{RELEASES}|{LATEST})/[^\s\"'<>\\)&]*"
            yield from sorted({each.rstrip(".,;:") for each in re.findall(pattern, text)})

    def _follow(self, served: str, path: str, found: Page, number: int) -> None:
        """Follow the links of the page that is *served* at a path of the site."""
        self._pages[served] = found
        for link in found.links:
            relative = _is_relative(link.target)
            address = self._joined(served, link.target) if relative else link.target
            if not relative and not address.startswith(self._site):
                # Somebody else's.
                continue
            if not relative and address.startswith(self._spaces):
                # A name, unless it is a file's.
                if not self._leads(address):
                    self._use(number, address)
                continue
            leads = bool(address) and self._leads(address, page=True) is not False
            if not leads or (relative and not self._has_anchor(address)):
                self._tell(path, link.line, link.target)

    def _joined(self, served: str, link: str) -> str:
        """Return the address of what a page links to relative to itself; "" outside of the site."""
        address = urljoin(_SOMEWHERE + served, link)
        if not address.startswith(_SOMEWHERE):
            return ""
        return self._site + address.removeprefix(_SOMEWHERE)

    def _use(self, number: int, address: str) -> None:
        names = self._used.setdefault(number, Names(number, (), self._readings.folder))
        names.used.add(address.encode())

    def _has_anchor(self, address: str) -> bool:
        """Tell whether the page at *address* has the place that it names, if it names one."""
        whole, _, anchor = address.partition("#")
        path = unquote(whole[len(self._site) :].partition("?")[0])
        if path.endswith("/") or not path:
            path += "index.html"
        if not anchor or anchor == "top" or not path.endswith((".html", ".svg")):
            return True
        if path not in self._pages:
            self._pages[path] = self._read_page(path)
        return unquote(anchor) in self._pages[path].anchors

    def _read_page(self, path: str) -> Page:
        place = path
        if not self._root.is_site:
            place = path.removeprefix(self._own).removeprefix(f"{LATEST}/")
        elif self._root.newest and path.startswith(f"{LATEST}/"):
            place = self._root.newest.prefix + path.removeprefix(f"{LATEST}/")
        try:
            text = read(self._root.path / place, LARGEST_PAGE).decode("utf-8", "replace")
        except ChangedError:
            return Page((), frozenset())
        return page(PurePosixPath(path).suffix, text)

    # -- descriptions

    def _catalogued(self, path: str, facts: Facts) -> None:
        """Hold what is said of files against what they are."""
        manifest = self._source.manifest
        assert manifest is not None
        said = facts.triples.get(manifest.dataset)
        if said is not None and said != str(manifest.triples):
            number = manifest.triples
            self._root.tell("release:triples", path, found=said, said=number, by=self._listing)
        for iri, address in facts.addresses.items():
            if self._leads(address) is False:
                self._tell(path, partial(self._line, path, address), address)
            file = self._file(address)
            if file is None:
                continue
            checksum = facts.values.get(facts.checksums.get(iri, ""))
            for found, wanted in ((facts.bytes.get(iri), str(file.bytes)), (checksum, file.sha256)):
                if found is not None and found != wanted:
                    self._root.tell(
                        "release:catalog",
                        path,
                        partial(self._line, path, address),
                        file=file.path,
                        found=found[:100],
                        said=wanted,
                        by=self._listing,
                        by_da=self._listing,
                    )

    def _file(self, address: str) -> File | None:
        """Return what a manifest says of the file that is served at *address*."""
        if not address.startswith(self._site):
            return None
        path = unquote(address[len(self._site) :])
        if path.startswith(f"{LATEST}/") and self._root.newest:
            path = self._root.newest.prefix + path.removeprefix(f"{LATEST}/")
        for part in self._root.parts:
            prefix = part.prefix if self._root.is_site else self._own
            if part.manifest and path.startswith(prefix):
                return part.files.get(path.removeprefix(prefix))
        return None

    def _listed_queries(self, path: str, facts: Facts) -> None:
        for iri in sorted(facts.queries):
            file = f"{self._part.prefix}{_QUERIES}{iri.rpartition('/')[2]}.rq"
            if path.startswith(self._part.prefix + _QUERIES) and file not in self._root.known:
                self._tell(path, partial(self._line, path, iri), iri)

    # -- names

    def _names(self, paths: dict[int, str]) -> None:
        """Tell of the names that are used, but neither described nor those of files."""
        names = self._readings.names
        if self._part.prefix not in names or self._source.prefix not in names:
            return
        found = [*names[self._part.prefix], *self._used.values()]
        if self._source is not self._part:
            found += names[self._source.prefix]
        documents = {each for facts in self._readings.facts.values() for each in facts.documents}
        for name, number in undescribed(found):
            iri = name.decode("utf-8", "replace")
            if number not in paths or iri in documents or self._is_space(iri):
                continue
            path = paths[number]
            leads = self._leads(iri)
            if leads or (path, iri) in self._told:
                continue
            if leads is None and iri.startswith(self._site):
                continue
            line = partial(self._line, path, iri)
            if iri.startswith((f"{self._site}{RELEASES}/", f"{self._site}{LATEST}/")):
                self._tell(path, line, iri)
            else:
                self._root.tell("release:undescribed", path, line, iri=iri[:300])

    def _is_space(self, iri: str) -> bool:
        """Tell whether *iri* is what names begin with, and not a name itself."""
        return iri in self._spaces or iri.rstrip("#/") in self._spaces

    def _line(self, path: str, iri: str) -> int:
        """Return the line of the file at *path* on which *iri* stands first, or 0."""
        if path not in self._places:
            self._places = {path: _places(self._root.path / path)}
        return self._places[path].get(iri, 0)


def _line_of(text: str, found: str) -> int:
    return text.count("\n", 0, text.index(found)) + 1


def _places(path: Path) -> dict[str, int]:
    """Return the line of each IRI in an RDF file that is not too large to look for them."""
    try:
        if path.suffix not in SYNTAXES or path.stat().st_size > LARGEST_PAGE:
            return {}
    except OSError:
        return {}
    found: dict[str, int] = {}
    for triple, at in read_rdf(path)[0]:
        value = triple.object
        datatype = value.datatype if isinstance(value, ox.Literal) else None
        for term in (triple.subject, triple.predicate, value, datatype):
            if isinstance(term, ox.NamedNode):
                found.setdefault(term.value, at.line)
    return found


def _is_relative(link: str) -> bool:
    """Tell whether where a *link* leads depends on where it stands."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
