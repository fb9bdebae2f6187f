"""The package: what is in it, and that it works where it is installed."""

from __future__ import annotations

import ast
import fcntl
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from expatlod import __version__

ROOT = Path(__file__).resolve().parent.parent

Shared = Callable[[str, Callable[[Path], None]], Path]


# Make a folder once, also where several processes run the tests.
@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    base = tmp_path_factory.getbasetemp()
    if base.name.startswith("popen-"):
        base = base.parent
    place = base / "package"
    place.mkdir(exist_ok=True)

    def make(name: str, build: Callable[[Path], None]) -> Path:
        with (place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (place / f"{name}.made").exists():
                build(place / name)
                (place / f"{name}.made").touch()
        return place / name

    return make


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, encoding="utf-8", timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# What a clone of the repository holds once everything is committed.
def _sources() -> list[Path]:
    listed = _run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def clone(shared: Shared) -> Path:
    def build(place: Path) -> None:
        for path in _sources():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, place / path)

    return shared("clone", build)


# The folder with the sdist, and the wheel that was made from it.
@pytest.fixture(scope="session")
def packages(shared: Shared, clone: Path) -> Path:
    def build(place: Path) -> None:
        _run(sys.executable, "-m", "build", "--outdir", place, ".", cwd=clone)

    return shared("dist", build)


def _environment(place: Path, *requirements: str | Path) -> None:
    venv.create(place, with_pip=True)
    pip = [place / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check"]
    _run(*pip, *requirements, cwd=place)


# A clean environment with the wheel; returns its Python.
@pytest.fixture(scope="session")
def installed(shared: Shared, packages: Path) -> Path:
    (wheel,) = packages.glob("*.whl")
    return shared("installed", lambda place: _environment(place, wheel)) / "bin" / "python"


# A clean environment with an editable install of the clone; returns its Python.
@pytest.fixture(scope="session")
def editable(shared: Shared, clone: Path) -> Path:
    return shared("editable", lambda place: _environment(place, "-e", clone)) / "bin" / "python"


def _files(folder: Path, under: Path) -> set[str]:
    return {
        path.relative_to(under).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def _tree(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in _files(folder, folder)}


# -- what the packages hold


def test_the_sdist_holds_what_is_needed_to_build_and_test(packages: Path, clone: Path) -> None:
    (sdist,) = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    wanted = {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"}
    for folder in ("data", "expatlod", "ontology", "shapes", "tests"):
        wanted |= _files(clone / folder, clone)
    assert sorted(wanted - names) == []


def test_the_wheel_holds_the_package_with_its_profile_and_nothing_else(
    packages: Path, clone: Path
) -> None:
    (wheel,) = packages.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert names == {
        *_files(clone / "expatlod", clone),
        *(f"expatlod/{name}" for name in _files(clone / "ontology", clone)),
        *(f"expatlod/{name}" for name in _files(clone / "shapes", clone)),
    }


def test_a_package_that_says_it_is_typed_tells_the_type_checkers(packages: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    # PEP 561, Distributing and Packaging Type Information.
    assert "expatlod/py.typed" in names


def test_the_packages_have_the_version_of_the_source(packages: Path) -> None:
    assert sorted(path.name for path in packages.iterdir()) == [
        f"expatlod-{__version__}-py3-none-any.whl",
        f"expatlod-{__version__}.tar.gz",
    ]


# -- what an installed package does


# A folder far from the sources, with a copy of the data.
@pytest.fixture
def away(tmp_path: Path, clone: Path) -> Path:
    shutil.copytree(clone / "data", tmp_path / "away" / "data")
    return tmp_path / "away"


def test_the_installed_command_tells_its_version(installed: Path, away: Path) -> None:
    assert _run(installed.with_name("expatlod"), "--version", cwd=away) == (
        f"expatlod {__version__}\n"
    )


def test_the_installed_package_does_not_look_at_the_sources(installed: Path, away: Path) -> None:
    code = "from expatlod.resources import default_profile as d; print(d().path)"

    (folder,) = installed.parent.parent.glob("lib/python*/site-packages/expatlod")
    assert _run(installed, "-c", code, cwd=away) == f"{folder}\n"


def test_the_installed_command_publishes_what_the_checkout_publishes(
    installed: Path, away: Path, site: Path
) -> None:
    _run(installed.with_name("expatlod"), "publish", cwd=away)

    assert _tree(away / "public") == _tree(site)


def test_the_installed_command_checks_the_query_examples(installed: Path, away: Path) -> None:
    expatlod = installed.with_name("expatlod")
    _run(expatlod, "publish", cwd=away)

    _run(expatlod, "query", "check", cwd=away)


def test_an_editable_install_publishes_what_the_checkout_publishes(
    editable: Path, away: Path, site: Path
) -> None:
    _run(editable.with_name("expatlod"), "publish", cwd=away)

    assert _tree(away / "public") == _tree(site)


# -- the dependencies

_PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
_DEPENDENCIES: list[str] = tomllib.loads(_PYPROJECT)["project"]["dependencies"]


@pytest.mark.parametrize("dependency", _DEPENDENCIES)
def test_pyproject_says_why_there_is_this_dependency(dependency: str) -> None:
    (line,) = (line for line in _PYPROJECT.splitlines() if f'"{dependency}"' in line)

    assert re.fullmatch(rf'  "{re.escape(dependency)}", +# \S.*\S', line)


@pytest.mark.parametrize("dependency", _DEPENDENCIES)
def test_each_dependency_is_imported(dependency: str) -> None:
    name = re.match(r"[\w.-]+", dependency)
    assert name is not None

    modules = {
        module
        for module, names in importlib.metadata.packages_distributions().items()
        if name.group().lower() in {each.lower() for each in names}
    }

    assert modules & _imported() != set()


def test_each_imported_package_is_a_dependency() -> None:
    # py4j is a part of PySpark in a package of its own.
    ours_or_pythons = {"expatlod", "py4j", *sys.stdlib_module_names}
    distributions = importlib.metadata.packages_distributions()
    wanted = {
        distributions[module][0].lower() for module in _imported() if module not in ours_or_pythons
    }

    extras = tomllib.loads(_PYPROJECT)["project"]["optional-dependencies"]
    allowed = [
        *_DEPENDENCIES,
        *(each for name in ("lsp", "spark", "xlsx") for each in extras[name]),
    ]
    # defusedxml is not imported: it makes openpyxl refuse what a bomb is made of.
    assert wanted == {re.split("[^\\w.-]", each)[0].lower() for each in allowed} - {"defusedxml"}


# The top-level modules that the package imports, wherever it does.
def _imported() -> set[str]:
    modules = set()
    for path in (ROOT / "expatlod").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    return modules
