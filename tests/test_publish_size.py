"""A release at size: the same bytes however the work is cut, nothing lost, all or nothing."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
import yaml

from expatlod import rejects, stream, tasks
from expatlod.errors import ERROR, PublishError, UsageError
from expatlod.profile import Model
from expatlod.publish import Plan, publish
from expatlod.records import lines
from tests.benchmarks.generate import dataset as about
from tests.benchmarks.generate import records
from tests.harbours import PROJECT, dataset, project

Data = dict[str, object]

#: Kilobytes by which memory may grow while records become ten times as many.
MARGIN = 60_000


def json_lines(some: Iterable[object]) -> bytes:
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in some)


def boat(id: str, **more: object) -> Data:
    """A project without errors and what is added to it."""
    return {**yaml.safe_load(PROJECT.format(id=id)), **more}


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file in *folder*."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def generated(model: Model, folder: Path, count: int, *, faulty: float = 0.0) -> Path:
    """A dataset of generated records in *folder*: half as JSON Lines, half as YAML."""
    folder.mkdir(parents=True)
    made = list(records(model, count, seed=3, faulty=faulty))
    (folder / "dataset.yaml").write_text(yaml.safe_dump(about(model), allow_unicode=True), "utf-8")
    (folder / "r.jsonl").write_bytes(json_lines(made[: count // 2]))
    for each in made[count // 2 :]:
        text = yaml.safe_dump(each, allow_unicode=True, sort_keys=False)
        (folder / f"{each['id']}.yaml").write_text(text, "utf-8")
    return folder


# -- the same bytes


ALL = Plan(formats=("turtle", "jsonld", "ntriples", "rdfxml"), audited=0)


@pytest.fixture(scope="module")
def large(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of some hundred records without errors."""
    return generated(model, tmp_path_factory.mktemp("large") / "data", 240)


@pytest.fixture(scope="module")
def expected(model: Model, large: Path) -> dict[str, str]:
    """The digests of its release."""
    assert publish(model, large, large.parent / "out", ALL).path
    return digests(large.parent / "out")


def test_two_processes_write_the_bytes_of_one(
    model: Model, large: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    publish(model, large, tmp_path / "out", Plan(ALL.formats, jobs=2, audited=0))

    assert digests(tmp_path / "out") == expected


@pytest.mark.parametrize(
    ("module", "name", "size"),
    [
        pytest.param(stream, "_FILES", 1, id="files-in-a-task"),
        pytest.param(lines, "_CHUNK", 3000, id="bytes-in-a-piece"),
        pytest.param(tasks, "BATCH", 7, id="records-in-a-batch"),
        pytest.param(sys.modules["expatlod.publish"], "_GROUP", 1, id="pieces-of-a-dump"),
    ],
)
def test_bytes_do_not_depend_on_the_size_of(
    module: object,
    name: str,
    size: int,
    model: Model,
    large: Path,
    expected: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, name, size)

    publish(model, large, tmp_path / "out", ALL)

    assert digests(tmp_path / "out") == expected


# -- what is rejected


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` with a dataset and its publisher only, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return dataset(Path("data"))


SKIP = Plan(formats=("ntriples",), compressions=("none",), rejects=Path("rejects.jsonl"), audited=0)


def published() -> set[str]:
    """The ids of the records in the release."""
    text = Path("out/latest/dump/harbours.nt").read_text("utf-8")
    subjects = {line.partition(" ")[0].strip("<>") for line in text.splitlines()}
    return {each.rpartition("/")[2] for each in subjects if "#" not in each}


def rejected() -> list[dict[str, object]]:
    """What is in the file of rejected records."""
    return [json.loads(line) for line in Path("rejects.jsonl").read_bytes().splitlines()]


def ids(some: Iterable[dict[str, object]]) -> set[object]:
    return {kept["id"] for kept in (each.get("record") for each in some) if isinstance(kept, dict)}


def test_good_records_are_published_and_the_others_set_aside(model: Model, data: Path) -> None:
    (data / "r.jsonl").write_bytes(json_lines([boat("a"), boat("b", kind="raft"), boat("c")]))

    release = publish(model, data, Path("out"), SKIP)

    assert (release.records, release.rejected) == (3, 1)
    assert published() == {"owner", "a", "c"}
    assert ids(rejected()) == {"b"}


def test_nothing_is_lost(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = generated(model, Path("data"), 200, faulty=0.1)

    release = publish(model, data, Path("out"), SKIP)

    assert release.rejected >= 20
    assert release.records + release.rejected == 200
    assert len(rejected()) == release.rejected


#: How a record came, and what is set aside of it.
FORMS = {
    "line.jsonl": (
        '{"id": "b",  "type":"Project", "kind": "raft"}\n',
        ("record", {"id": "b", "type": "Project", "kind": "raft"}),
    ),
    "number.jsonl": ('{"id": "b", "type": "Project", "x": 1.50}\n', None),
    "half.jsonl": ('{"id": "b", "type": \n', ("text", '{"id": "b", "type": ')),
    "b.yaml": ("# mine\nid: b\ntype: Project\n", ("text", "# mine\nid: b\ntype: Project\n")),
    "open.yaml": ("id: [b\n", ("text", "id: [b\n")),
    "r.csv": (
        "id,type,kind\nb,Project,raft\n",
        ("record", {"id": "b", "type": "Project", "kind": "raft"}),
    ),
}


@pytest.mark.parametrize("name", [name for name, (_, kept) in FORMS.items() if kept])
def test_rejected_record_is_kept_as_it_came(name: str, model: Model, data: Path) -> None:
    text, kept = FORMS[name]
    assert kept is not None
    (data / name).write_text(text)

    publish(model, data, Path("out"), SKIP)

    (found,) = rejected()
    assert (found["file"], found[kept[0]]) == (f"data/{name}", kept[1])
    assert {"record", "text"} - found.keys() == {"record", "text"} - {kept[0]}


def test_number_of_a_rejected_line_is_kept_as_it_is_written(model: Model, data: Path) -> None:
    (data / "r.jsonl").write_text(FORMS["number.jsonl"][0])

    publish(model, data, Path("out"), SKIP)

    assert b'{"id": "b", "type": "Project", "x": 1.50}' in Path("rejects.jsonl").read_bytes()


def test_rejected_record_has_its_findings_with_it(model: Model, data: Path) -> None:
    (data / "r.jsonl").write_bytes(json_lines([boat("a"), boat("b", kind="raft", theme="x")]))

    release = publish(model, data, Path("out"), SKIP)

    (found,) = rejected()
    told = found["findings"]
    assert isinstance(told, list)
    places = [(each["line"], each["column"], each["code"]) for each in told]
    assert found["line"] == 2
    assert places == [
        (each.at.line, each.at.column, each.rule) for each in release.findings if each.at.line == 2
    ]


def test_second_record_of_a_name_is_set_aside(model: Model, data: Path) -> None:
    (data / "r.jsonl").write_bytes(json_lines([boat("a", website="https://x.org/"), boat("a")]))

    release = publish(model, data, Path("out"), SKIP)

    assert (release.records, [each["line"] for each in rejected()]) == (2, [2])
    assert "https://x.org/" in Path("out/latest/dump/harbours.nt").read_text()


def test_what_points_at_a_rejected_record_is_set_aside_too(model: Model, data: Path) -> None:
    chain = [boat("a", continues="b"), boat("b", continues="c"), boat("c", kind="raft"), boat("d")]
    (data / "r.jsonl").write_bytes(json_lines(chain))

    publish(model, data, Path("out"), SKIP)

    assert published() == {"owner", "d"}
    assert ids(rejected()) == {"a", "b", "c"}
    told = {each["line"]: each["findings"] for each in rejected()}
    assert [
        each["message"]["en"]
        for line in (1, 2)
        for each in told[line]  # type: ignore[attr-defined]
        if each["severity"] == ERROR
    ] == [
        "'b' is left out because of its own faults",
        "'c' is left out because of its own faults",
    ]


def test_what_points_at_a_file_that_cannot_be_read_is_set_aside(model: Model, data: Path) -> None:
    project(data, "a", "continues: b\n")
    (data / "b.yaml").write_text("id: [")

    publish(model, data, Path("out"), SKIP)

    assert published() == {"owner"}
    assert {each["file"] for each in rejected()} == {"data/a.yaml", "data/b.yaml"}


def test_file_that_is_cut_off_is_told_among_the_rejected(model: Model, data: Path) -> None:
    whole = gzip.compress(json_lines(boat(f"b{number}") for number in range(50)))
    (data / "r.jsonl.gz").write_bytes(whole[:-8])

    publish(model, data, Path("out"), SKIP)

    assert "b49" in published()
    (found,) = rejected()
    assert [each["code"] for each in found["findings"]] == ["record:file"]  # type: ignore[attr-defined]


def test_dataset_that_is_rejected_stops_the_release(model: Model, data: Path) -> None:
    (data / "dataset.yaml").write_text((data / "dataset.yaml").read_text() + "licence: x\n")

    release = publish(model, data, Path("out"), SKIP)

    assert release.path is None
    assert not Path("out").exists()


def test_publisher_that_is_rejected_stops_the_release(model: Model, data: Path) -> None:
    (data / "owner.yaml").write_text("id: owner\ntype: Organisation\nkind: raft\n")

    release = publish(model, data, Path("out"), SKIP)

    assert release.path is None


def test_rejects_of_an_earlier_time_are_replaced(model: Model, data: Path) -> None:
    Path("rejects.jsonl").write_text('{"file":"old.yaml","line":1,"findings":[]}\n')
    (data / "r.jsonl").write_bytes(json_lines([boat("b", kind="raft")]))

    publish(model, data, Path("out"), SKIP)

    assert ids(rejected()) == {"b"}


def test_rejects_of_an_earlier_time_are_deleted_when_there_are_none(
    model: Model, data: Path
) -> None:
    Path("rejects.jsonl").write_text('{"file":"old.yaml","line":1,"findings":[]}\n')

    publish(model, data, Path("out"), SKIP)

    assert not Path("rejects.jsonl").exists()


@pytest.mark.parametrize("folder", ["data", "out"])
def test_rejects_do_not_go_where_they_would_be_read_or_lost(
    folder: str, model: Model, data: Path
) -> None:
    plan = Plan(rejects=Path(folder, "rejects.jsonl"))

    with pytest.raises(UsageError, match=f"^{folder}/rejects.jsonl lies inside {folder}; name"):
        publish(model, data, Path("out"), plan)


def test_file_that_changes_while_it_is_published_stops_the_release(
    model: Model, data: Path
) -> None:
    def step(name: str) -> None:
        if name == "auditing":
            with (data / "late.jsonl").open("ab") as file:
                file.write(json_lines([boat("later")]))

    (data / "late.jsonl").write_bytes(json_lines([boat("late")]))

    with pytest.raises(PublishError, match=r"late\.jsonl: changed while it was read"):
        publish(model, data, Path("public"), Plan(rejects=Path("rejects.jsonl")), step=step)

    assert not Path("public").exists()


def test_file_that_holds_something_else_is_not_taken_for_rejects(model: Model, data: Path) -> None:
    Path("precious.txt").write_text("keep\n")

    with pytest.raises(PublishError, match="holds something else"):
        publish(model, data, Path("public"), Plan(rejects=Path("precious.txt")))

    assert Path("precious.txt").read_text() == "keep\n"


def test_seed_chooses_the_same_records_whatever_is_kept(model: Model, data: Path) -> None:
    def audited(**more: object) -> int:
        plan = Plan(cache=Path("cache"), rejects=Path("rejects.jsonl"), **more)
        return publish(model, data, Path("public"), plan).audited

    first = audited(audited=1000, seed=1, anew=True)

    assert first > 0
    assert audited(audited=1000, seed=1, anew=True) == first
    assert audited(audited=1000, seed=1) == 0


def test_pipe_gets_the_rejects_and_stays_a_pipe(model: Model, data: Path) -> None:
    (data / "r.jsonl").write_bytes(json_lines([boat("b", kind="raft")]))
    os.mkfifo("pipe")
    reader = subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE)

    publish(model, data, Path("out"), Plan(rejects=Path("pipe"), audited=0))

    out, _ = reader.communicate(timeout=60)
    assert json.loads(out)["record"]["id"] == "b"
    assert Path("pipe").is_fifo()


def test_error_that_is_one_too_many_to_be_kept_stops_the_release(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MANY", 2)
    light = [boat(f"b{number}") for number in range(4)]
    (data / "r.jsonl").write_bytes(json_lines([*light, boat("x", kind="raft")]))

    assert publish(model, data, Path("out")).path is None


# -- disks that are full


def test_rejects_that_cannot_be_written_leave_the_old_release(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(model, data, Path("out"), SKIP)
    before = digests(Path("out"))
    old = '{"file":"old.yaml","line":1,"findings":[]}\n'
    Path("rejects.jsonl").write_text(old)
    (data / "r.jsonl").write_bytes(json_lines([boat("a"), boat("b", kind="raft")]))

    def full(_: object) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(rejects, "_line", full)

    with pytest.raises(PublishError) as caught:
        publish(model, data, Path("out"), SKIP)

    assert str(caught.value) == (
        "rejects.jsonl: the rejected records could not be written: No space left on device; "
        "nothing was published; name another file with --rejects"
    )
    assert digests(Path("out")) == before
    assert Path("rejects.jsonl").read_text() == old
    assert sorted(path.name for path in Path().iterdir()) == ["data", "out", "rejects.jsonl"]


def test_working_files_that_cannot_be_written_leave_the_old_release(
    model: Model, tmp_path: Path
) -> None:
    data = generated(model, tmp_path / "data", 60)
    publish(model, data, tmp_path / "out")
    before = digests(tmp_path / "out")
    (tmp_path / "tmp").mkdir()
    run = command(data, tmp_path / "out", "--no-cache")

    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 20; exec "$@"', "sh", *run],
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 2
    assert done.stderr.startswith(
        f"expatlod: {tmp_path}/tmp: the working files could not be written: "
    )
    assert done.stderr.count("\n") == 1
    assert digests(tmp_path / "out") == before
    assert list((tmp_path / "tmp").iterdir()) == []


# -- processes that are killed


def command(data: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "expatlod", "publish", str(data), "-o", str(out), *more]


def children(process: int) -> list[int]:
    """The numbers of the processes that *process* has started."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(each) for each in listed.read_text().split()] if listed.exists() else []


def workers(process: int) -> list[int]:
    """Those of them that work on tasks."""
    return [
        each
        for each in children(process)
        if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]


def lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


class Running:
    """A release that is being made by two processes; there is an older one."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.out = folder / "site" / "out"
        (folder / "tmp").mkdir()
        self.before = digests(self.out)
        self.process = subprocess.Popen(
            command(data, self.out, "--jobs", "2", "--no-cache", "--engine", "pyshacl"),
            env={**os.environ, "TMPDIR": str(folder / "tmp"), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        wait_until(lambda: len(workers(self.process.pid)) == 2)
        self.children = children(self.process.pid)
        self.workers = workers(self.process.pid)

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the status and what was said."""
        _, said = self.process.communicate(timeout=60)
        wait_until(lambda: not any(map(lives, self.children)))
        return self.process.returncode, said


@pytest.fixture
def running(model: Model, large: Path, expected: object, tmp_path: Path) -> Iterable[Running]:
    """A run that would take a while: pySHACL judges every record."""
    publish(model, dataset(tmp_path / "old"), tmp_path / "site" / "out", SKIP_NOT)
    run = Running(tmp_path, large)
    yield run
    for each in (run.process.pid, *run.children):
        if lives(each):
            os.kill(each, signal.SIGKILL)
    run.process.wait(60)


SKIP_NOT = Plan(formats=("ntriples",), compressions=("none",), audited=0)


def test_worker_that_is_killed_ends_the_run_with_one_message(running: Running) -> None:
    os.kill(running.workers[0], signal.SIGKILL)

    status, said = running.end()

    assert status == 2
    assert said == (
        "expatlod: a process that did part of the work was killed from outside, perhaps because "
        "memory ran out; nothing was replaced; give it more memory, or fewer processes with "
        "--jobs\n"
    )
    assert digests(running.out) == running.before
    assert list((running.folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("group", [True, False], ids=["terminal", "process"])
def test_ctrl_c_stops_the_run_and_leaves_nothing(group: bool, running: Running) -> None:
    (os.killpg if group else os.kill)(running.process.pid, signal.SIGINT)

    assert running.end() == (130, "expatlod: stopped\n")
    assert digests(running.out) == running.before
    assert [path.name for path in running.out.parent.iterdir()] == ["out"]
    assert list((running.folder / "tmp").iterdir()) == []


def test_workers_end_when_the_run_is_killed(running: Running) -> None:
    running.process.kill()

    running.end()

    assert digests(running.out) == running.before


# -- memory


def peak(command: Sequence[str]) -> int:
    """The most kilobytes that *command* holds, by a process that starts nothing else."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_memory_does_not_grow_with_the_number_of_records(model: Model, tmp_path: Path) -> None:
    most = {}
    for count in (2_000, 20_000):
        data = tmp_path / str(count)
        data.mkdir()
        (data / "dataset.json").write_text(json.dumps(about(model)))
        with (data / "r.jsonl").open("wb") as file:
            some = list(records(model, 2_000, seed=3))
            for number in range(count // 2_000):
                file.write(json_lines(renamed(each, number) for each in some))
        options = ("--jobs", "1", "--no-cache", "--audit", "0", "-f", "ntriples")
        most[count] = peak(command(data, tmp_path / "out", *options))

    assert most[20_000] - most[2_000] < MARGIN


def renamed(record: Data, number: int) -> Data:
    """The record under another name; those after the first two thousand are copies."""
    return {**record, "id": f"{record['id']}-{number}"} if number else record
