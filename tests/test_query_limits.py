"""Questions that would take for ever: limits of time, memory and size hold, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest

from expatlod import bounded
from expatlod.bounded import BoundedStore
from expatlod.errors import QueryError, UsageError
from expatlod.index import index
from expatlod.query import rows
from expatlod.resources import default_profile

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

BOATS = 10_000

#: Each would take hours on so many boats.
HOSTILE = {
    "cross-product": "SELECT (COUNT(*) AS ?n) { ?a e:name ?x . ?b e:name ?y FILTER(?x > ?y) }",
    "three-way": "SELECT (COUNT(*) AS ?n) { ?a a e:Boat . ?b a e:Boat . ?c a e:Boat }",
    "unbounded-path": "SELECT (COUNT(*) AS ?n) { ?a (e:next|!e:none)* ?b }",
    "order-by": "SELECT * { ?a e:name ?x . ?b e:name ?y . ?c e:name ?z } ORDER BY ?z ?y ?x",
    "endless": "SELECT * { ?a a e:Boat . ?b a e:Boat . ?c a e:Boat }",
    "regular-expression": (
        "SELECT ?a { ?a e:name ?x . ?b e:name ?y . ?c e:name ?z "
        'FILTER(REGEX(CONCAT(?x, ?y, ?z), "(a|b|ab)*z{3,9}$")) }'
    ),
}

ENDLESS = f"PREFIX e: <https://example.org/> {HOSTILE['endless']}"
COUNTED = f"PREFIX e: <https://example.org/> {HOSTILE['three-way']}"
SORTED = f"PREFIX e: <https://example.org/> {HOSTILE['order-by']}"


@pytest.fixture(scope="module")
def boats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of many boats, each before the next."""
    folder = tmp_path_factory.mktemp("boats")
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Boat>"
    with (folder / "boats.nt").open("w") as file:
        for number in range(BOATS):
            boat = f"<https://example.org/boat/{number}>"
            after = f"<https://example.org/boat/{number + 1}>"
            file.write(f"{boat} {kind} .\n")
            file.write(f'{boat} <https://example.org/name> "abab {number}" .\n')
            file.write(f"{boat} <https://example.org/next> {after} .\n")
    index([folder / "boats.nt"], folder / "store")
    return folder / "store"


@pytest.fixture
def store(boats: Path) -> Iterator[BoundedStore]:
    with BoundedStore(boats, default_profile(), largest=3_000_000) as store:
        yield store


def children(pid: int | str = "self") -> list[str]:
    """Return the processes that *pid* has started and that are not gone, dead ones as well."""
    found: list[str] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += (task / "children").read_text().split()
    return found


def answers(pid: str) -> bool:
    """Tell whether the process *pid* is one that answers questions."""
    return b"bounded_child" in Path(f"/proc/{pid}/cmdline").read_bytes()


def wait_for(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not what() and time.monotonic() < deadline:
        time.sleep(0.01)
    return what()


# -- time


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_stopped_with_one_message(
    expatlod: Command, boats: Path, text: str
) -> None:
    question = f"PREFIX e: <https://example.org/> {text}"

    result = expatlod(
        "query", "run", "--file", "-", "--data", boats, "--timeout", "1", input=question
    )

    assert result.stderr == (
        "expatlod: the query was stopped after 1 s (--timeout); "
        "ask for less, add LIMIT, or give it longer\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


@linux
def test_a_stopped_query_leaves_no_process(store: BoundedStore) -> None:
    # Other tests of this process may have left some, that of multiprocessing for one.
    before = {each for each in children() if not answers(each)}

    with pytest.raises(QueryError):
        store.ask(ENDLESS)

    assert set(children()) <= before


def test_after_a_stopped_query_the_next_is_answered(store: BoundedStore) -> None:
    with pytest.raises(QueryError):
        store.ask(ENDLESS)

    assert bool(store.ask("ASK { ?boat a <https://example.org/Boat> }"))


def test_a_stopped_example_does_not_stop_the_others(
    expatlod: Command, boats: Path, tmp_path: Path
) -> None:
    (tmp_path / "1-endless.rq").write_text(f"#+ summary: x\n{COUNTED}\n")
    (tmp_path / "2-one.rq").write_text("#+ summary: x\nSELECT ?x { BIND(1 AS ?x) }\n")
    for name in ("1-endless", "2-one"):
        (tmp_path / f"{name}.csv").write_text("x\n1\n")

    result = expatlod("query", "check", "--queries", ".", "--data", boats, "--timeout", "3")

    assert result.stdout == (
        "1-endless: the query was stopped after 3 s (--timeout); "
        "ask for less, add LIMIT, or give it longer\n"
        "2-one: ok\n"
    )
    assert (result.stderr, result.returncode) == ("1 of 2 agree\n", 1)


# -- memory and size


def test_the_memory_is_limited(expatlod: Command, boats: Path) -> None:
    result = expatlod(
        "query", "run", "--file", "-", "--data", boats, "--memory", "300", input=SORTED
    )

    assert result.stderr == (
        "expatlod: the query was stopped at 300 MB of memory (--memory); "
        "ask for less, add LIMIT, or give it more\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_data_that_does_not_fit_is_told(tmp_path: Path) -> None:
    path = tmp_path / "boats.nt"
    path.write_text("".join(f'<urn:x:{n}> <urn:x:p> "{n}" .\n' for n in range(200_000)))

    with (
        BoundedStore(path, default_profile(), memory=60) as store,
        pytest.raises(QueryError) as caught,
    ):
        store.ask("ASK {}")

    assert str(caught.value) == (
        f"{path}: does not fit into 60 MB of memory (--memory); "
        "'expatlod index' puts it on disk, to be asked there"
    )


def test_the_answer_is_limited(store: BoundedStore) -> None:
    with pytest.raises(QueryError) as caught:
        store.ask(ENDLESS)

    assert str(caught.value) == (
        "the query was stopped: its answer is larger than 3 MB; ask for less, or add LIMIT"
    )


def test_a_long_answer_is_whole(store: BoundedStore) -> None:
    answer = store.ask("SELECT ?boat { ?boat a <https://example.org/Boat> } ORDER BY ?boat")

    assert isinstance(answer, ox.QuerySolutions)
    numbers = sorted(range(BOATS), key=str)
    assert rows(answer) == [["boat"], *([f"https://example.org/boat/{n}"] for n in numbers)]


# -- the process


def test_a_query_that_fails_on_the_way_prints_nothing(expatlod: Command, boats: Path) -> None:
    text = (
        "PREFIX e: <https://example.org/> SELECT * { { ?a a e:Boat } UNION "
        "{ SERVICE <http://127.0.0.1:1/> { ?a ?b ?c } } }"
    )

    result = expatlod("query", "run", "--file", "-", "--data", boats, "--allow-service", input=text)

    assert result.stderr.startswith("expatlod: the query was not answered: ")
    assert (result.stdout, len(result.stderr.splitlines()), result.returncode) == ("", 1, 2)


@linux
def test_ctrl_c_ends_both_processes(boats: Path, tmp_path: Path) -> None:
    run = _started(boats, tmp_path)
    (child,) = children(run.pid)

    os.killpg(run.pid, signal.SIGINT)
    _, words = run.communicate(timeout=60)

    assert (words.decode().strip(), run.returncode) == ("expatlod: stopped", 130)
    assert not Path(f"/proc/{child}").exists()


@linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_the_process_that_answers_ends_with_the_one_that_asks(
    boats: Path, tmp_path: Path, how: signal.Signals
) -> None:
    run = _started(boats, tmp_path)
    (child,) = children(run.pid)

    run.send_signal(how)
    run.communicate(timeout=60)

    assert wait_for(lambda: not Path(f"/proc/{child}").exists())


def _started(boats: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start a command whose question takes for ever; return when it is being answered."""
    (folder / "endless.rq").write_text(COUNTED)
    run = subprocess.Popen(
        [
            *(sys.executable, "-m", "expatlod", "query", "run"),
            *("--file", "endless.rq", "--data", str(boats)),
        ],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

    def working() -> bool:
        for child in children(run.pid):
            with suppress(FileNotFoundError):
                files = {str(each.readlink()) for each in Path(f"/proc/{child}/fd").iterdir()}
                return any("oxigraph-" in each for each in files)
        return False

    assert wait_for(working)
    return run


@linux
def test_a_process_that_is_killed_is_told(store: BoundedStore) -> None:
    assert bool(store.ask("ASK {}"))
    (child,) = filter(answers, children())

    os.kill(int(child), signal.SIGKILL)
    with pytest.raises(QueryError) as caught:
        store.ask("ASK {}")

    assert str(caught.value) == (
        "the query was not answered: the process that worked on it was ended (SIGKILL); "
        "the machine may be out of memory, or the query too deep"
    )


def test_a_module_in_the_working_folder_is_not_run(
    expatlod: Command, boats: Path, tmp_path: Path
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit('this was run')\n")

    program = Path(sys.executable).with_name("expatlod")
    result = subprocess.run(
        [program, "query", "run", "--file", "-", "--data", str(boats)],
        input=b"ASK {}",
        cwd=tmp_path,
        capture_output=True,
    )

    assert (result.stdout, result.stderr) == (b"true\n", b"")


def test_several_ask_one_store_at_once(boats: Path) -> None:
    profile = default_profile()
    with BoundedStore(boats, profile) as one, BoundedStore(boats, profile) as other:
        text = "ASK { ?boat a <https://example.org/Boat> }"
        assert [bool(each.ask(text)) for each in (one, other, one)] == [True, True, True]


def test_errors_come_back_as_they_were(tmp_path: Path) -> None:
    with (
        BoundedStore(tmp_path / "none", default_profile()) as store,
        pytest.raises(UsageError) as caught,
    ):
        store.ask("ASK {}")

    assert str(caught.value) == (
        f"{tmp_path / 'none'}: nothing here; run 'expatlod publish' first, or name a dump"
    )


def test_slow_loading_is_told(boats: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_PATIENCE", 0)
    told: list[str] = []

    with BoundedStore(boats, default_profile(), slow=lambda: told.append("slow")) as store:
        store.ask("ASK {}")
        store.ask("ASK {}")

    assert told == ["slow"]
