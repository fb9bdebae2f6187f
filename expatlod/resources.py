"""Find the files that a profile consists of, in a checkout or in an installed package.

In a checkout `ontology/` and `shapes/` stand beside the package (and beside pyproject.toml, which
an installed package never has beside it); in a wheel they stand inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from expatlod.errors import ProfileError

__all__ = ["Folder", "default_profile", "program"]

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Folder:
    """A profile's folder: `ontology/` with context and codelists, and `shapes/`."""

    path: Path

    @property
    def ontology(self) -> tuple[Path, ...]:
        """The ontology files, without the codelists, in order of name."""
        return self._turtle("ontology")

    @property
    def codes(self) -> tuple[Path, ...]:
        """The codelist files, in order of name."""
        return self._turtle("ontology/codes")

    @property
    def shapes(self) -> tuple[Path, ...]:
        """The shape files, in order of name."""
        return self._turtle("shapes")

    @property
    def catalog_shapes(self) -> tuple[Path, ...]:
        """The shape files that catalogues are held to, in order of name."""
        return self._turtle("shapes/catalog")

    @property
    def authorities(self) -> tuple[Path, ...]:
        """The files of concepts that others define and catalogues point at, in order of name."""
        return self._turtle("ontology/authorities")

    @property
    def context(self) -> Path:
        """The JSON-LD context."""
        return self.path / "ontology" / "context.jsonld"

    def _turtle(self, name: str) -> tuple[Path, ...]:
        return tuple(sorted((self.path / name).glob("*.ttl")))


def program() -> tuple[Path, ...]:
    """Return the modules that this program consists of, in order of name."""
    return tuple(sorted(_PACKAGE.rglob("*.py")))


def default_profile() -> Folder:
    """Return the folder of the profile that this package ships.

    Raises ProfileError when the installation has lost it.
    """
    checkout = _PACKAGE.parent
    folder = Folder(checkout if (checkout / "pyproject.toml").is_file() else _PACKAGE)
    if not folder.context.is_file() or not folder.shapes:
        raise ProfileError(
            f"{folder.path}: no ontology/context.jsonld or no shapes/*.ttl here; "
            "the installation is incomplete, install expatlod again"
        )
    return folder
