"""The language server, spoken to over stdio as an editor does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expatlod.collection import gather
from expatlod.lsp.offers import offers
from expatlod.lsp.outline import outline
from expatlod.profile import Model, load
from expatlod.resources import Folder

ROOT = Path(__file__).resolve().parent.parent

#: Seconds to wait for what comes in tenths of one on an idle machine.
PATIENCE = 60

SEVERITIES = {"error": 1, "warning": 2, "note": 3}


class Editor:
    """A client of the real server process: JSON-RPC with the headers of the protocol."""

    def __init__(self, folder: Path, *, lang: str = "en", encodings: list[str] | None = None):
        self.folder = folder
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.published: list[str] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._number = 0
        self._opened: set[str] = set()
        self._told = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "expatlod", "lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        general = {"positionEncodings": encodings} if encodings else {}
        self.capabilities = self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": "records"}],
                "capabilities": {"general": general},
                "initializationOptions": {"lang": lang},
            },
        )["capabilities"]
        self.tell("initialized", {})

    # -- messages

    def tell(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        self.wait(lambda: number in self._answers, f"an answer to {method}")
        answer = self._answers[number]
        assert "error" not in answer, answer
        return answer["result"]

    def wait(self, done: Callable[[], bool], what: str) -> None:
        with self._told:
            assert self._told.wait_for(done, PATIENCE), f"no {what}"

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while header := self.process.stdout.readline():
            length = 0
            while header.strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
                header = self.process.stdout.readline()
            message = json.loads(self.process.stdout.read(length))
            with self._told:
                if "id" in message and "method" not in message:
                    self._answers[message["id"]] = message
                elif message.get("method") == "textDocument/publishDiagnostics":
                    name = self._name(message["params"]["uri"])
                    self.diagnostics[name] = message["params"]["diagnostics"]
                    self.published.append(name)
                self._told.notify_all()

    def _name(self, uri: str) -> str:
        return uri.removeprefix(self.folder.as_uri() + "/")

    # -- what an author does

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str | None = None) -> None:
        """Open a file, and wait for what the server says about it."""
        if text is None:
            text = (self.folder / name).read_text("utf-8")
        document = {"uri": self.uri(name), "languageId": "yaml", "version": 1, "text": text}
        count = self.published.count(name)
        if name in self._opened:
            self.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(name)}})
            self.wait(lambda: self.published.count(name) > count, f"closing of {name}")
            count = self.published.count(name)
        self._opened.add(name)
        self.tell("textDocument/didOpen", {"textDocument": document})
        self.wait(lambda: self.published.count(name) > count, f"diagnostics of {name}")

    def type(self, name: str, text: str) -> None:
        """Replace the text, and wait for what the server says about it."""
        count = self.published.count(name)
        self.type_on(name, text)
        self.wait(lambda: self.published.count(name) > count, f"diagnostics of {name}")

    def type_on(self, name: str, text: str) -> None:
        document = {"uri": self.uri(name), "version": 2}
        changes = [{"text": text}]
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def at(self, name: str, text: str) -> dict[str, Any]:
        """Open a text with the cursor at the only `|` in it; return the place for a request."""
        before, _, after = text.partition("|")
        self.open(name, before + after)
        lines = before.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        return {"textDocument": {"uri": self.uri(name)}, "position": position}

    def complete(self, name: str, text: str) -> dict[str, dict[str, Any]]:
        """What is offered at the `|`, by the text that would be inserted."""
        answer = self.ask("textDocument/completion", self.at(name, text))
        return {item["textEdit"]["newText"]: item for item in answer["items"]}

    def hover(self, name: str, text: str) -> str:
        answer = self.ask("textDocument/hover", self.at(name, text))
        return str(answer["contents"]["value"]) if answer else ""

    def quit(self) -> int:
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._listener.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with suppress(OSError):
                stream.close()


@pytest.fixture
def editor(dataset: Path) -> Iterator[Editor]:
    """An editor in English on the folder that holds a copy of the shipped data."""
    with Editor(dataset.parent) as editor:
        yield editor


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor that is only asked, so that tests can share it."""
    folder = tmp_path_factory.mktemp("asked")
    shutil.copytree(ROOT / "data", folder / "data")
    with Editor(folder) as editor:
        yield editor


#: A record without errors; what is typed comes behind it.
PROJECT = """\
id: new-project
type: Project
title: {da: Ny indsats, en: New effort}
kind: project
source: https://example.org/page
"""

NEW = "data/projects/new.yaml"


def expected(model: Model, dataset: Path, lang: str = "en") -> dict[str, list[tuple[Any, ...]]]:
    """What validate finds in the dataset, by file, in the protocol's terms."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for each in gather(model, [dataset]).validate():
        name = Path(each.at.path).relative_to(dataset.parent).as_posix()
        message = "\n".join(
            text[lang]
            for text in (each.message, *(also.message for also in each.also), each.help)
            if text
        )
        place = (each.at.line - 1, each.at.column - 1)
        found.setdefault(name, []).append((*place, SEVERITIES[each.severity], each.rule, message))
    return found


def said(diagnostics: dict[str, list[dict[str, Any]]]) -> dict[str, list[tuple[Any, ...]]]:
    """What the server said, in the same form; files without findings left out."""
    return {
        name: [
            (
                each["range"]["start"]["line"],
                each["range"]["start"]["character"],
                each["severity"],
                each["code"],
                each["message"],
            )
            for each in told
        ]
        for name, told in diagnostics.items()
        if told
    }


def codes(editor: Editor, name: str) -> list[str]:
    return [each["code"] for each in editor.diagnostics.get(name, ()) if each["severity"] == 1]


# -- diagnostics


def test_the_dataset_is_validated_when_the_editor_opens_the_folder(
    editor: Editor, model: Model, dataset: Path
) -> None:
    wanted = expected(model, dataset)

    editor.wait(lambda: set(wanted) <= set(editor.diagnostics), "findings of the shipped data")

    assert said(editor.diagnostics) == wanted


def test_what_is_typed_is_told_as_validate_tells_it(
    editor: Editor, model: Model, dataset: Path
) -> None:
    name = "data/projects/working-in-lemvig.yaml"
    path = dataset.parent / name
    text = (
        path.read_text("utf-8").replace("share: 50", "share: 250").replace("kind: website", "x: y")
    )
    editor.open(name)

    editor.type(name, text)

    path.write_text(text, encoding="utf-8")
    assert said(editor.diagnostics)[name] == expected(model, dataset)[name]


def test_what_is_mended_is_cleared(editor: Editor) -> None:
    editor.open(NEW, PROJECT + "theme: xyzzy\n")
    before = codes(editor, NEW)

    editor.type(NEW, PROJECT + "theme: housing\n")

    assert (before, codes(editor, NEW)) == (["sh:node"], [])


def test_text_broken_in_mid_typing_has_one_diagnostic(editor: Editor) -> None:
    editor.open(NEW, PROJECT + "theme: xyzzy\n")

    editor.type(NEW, PROJECT + "theme: [xyzzy\n")

    assert [each["code"] for each in editor.diagnostics[NEW]] == ["record:yaml"]


def test_diagnostic_spans_the_value_and_names_its_source(editor: Editor) -> None:
    editor.open(NEW, PROJECT + "theme: xyzzy\n")

    (told,) = (each for each in editor.diagnostics[NEW] if each["severity"] == 1)

    assert told["source"] == "expatlod"
    assert told["range"] == {
        "start": {"line": 5, "character": 7},
        "end": {"line": 5, "character": 12},
    }


@pytest.mark.parametrize(
    ("encodings", "start", "end"),
    [
        pytest.param(None, 12, 17, id="utf-16-when-nothing-is-said"),
        pytest.param(["utf-8"], 14, 19, id="utf-8"),
        pytest.param(["utf-32", "utf-16"], 11, 16, id="utf-32"),
    ],
)
def test_places_are_counted_as_the_editor_counts(
    dataset: Path, encodings: list[str] | None, start: int, end: int
) -> None:
    with Editor(dataset.parent, encodings=encodings) as editor:
        # A character outside the Basic Multilingual Plane: 4 bytes, 2 units of UTF-16.
        editor.open(NEW, PROJECT + "theme: ['🌊', xyzzy]\n".replace("'🌊', ", "🌊, "))

        told = [each["range"] for each in editor.diagnostics[NEW] if each["code"] == "sh:node"]

    assert (told[1]["start"]["character"], told[1]["end"]["character"]) == (start, end)


def test_record_that_loses_its_target_is_told_in_a_file_that_is_not_open(editor: Editor) -> None:
    name = "data/projects/lemvig-nyt-projekt.yaml"
    text = (editor.folder / name).read_text("utf-8")
    editor.open(name)

    editor.type(name, text.replace("id: lemvig-nyt-projekt", "id: lemvig-andet-projekt"))

    editor.wait(
        lambda: "record:reference" in codes(editor, "data/projects/working-in-lemvig.yaml"),
        "dangling reference",
    )


def test_file_that_is_closed_unsaved_counts_as_it_is_on_the_disk(editor: Editor) -> None:
    name = "data/projects/lemvig-nyt-projekt.yaml"
    editor.open(name)
    editor.type(name, "id: [")
    count = editor.published.count(name)

    editor.tell("textDocument/didClose", {"textDocument": {"uri": editor.uri(name)}})

    editor.wait(lambda: editor.published.count(name) > count, "diagnostics after closing")
    assert codes(editor, name) == []


def test_file_changed_by_another_program_is_read_again(editor: Editor) -> None:
    editor.open(NEW, PROJECT)
    name = "data/projects/other.yaml"
    (editor.folder / name).write_text(PROJECT.replace("new-project", "other") + "theme: xyzzy\n")

    changes = [{"uri": editor.uri(name), "type": 1}]
    editor.tell("workspace/didChangeWatchedFiles", {"changes": changes})

    editor.wait(lambda: name in editor.diagnostics, "diagnostics of a new file")
    assert codes(editor, name) == ["sh:node"]


def test_file_outside_of_any_dataset_is_left_alone(editor: Editor) -> None:
    (editor.folder / "compose.yaml").write_text("services: {}\n")
    document = {"uri": editor.uri("compose.yaml"), "languageId": "yaml", "version": 1, "text": "["}
    editor.tell("textDocument/didOpen", {"textDocument": document})

    editor.open(NEW, PROJECT)

    assert "compose.yaml" not in editor.diagnostics


def test_many_keys_in_a_row_are_answered_once(editor: Editor) -> None:
    editor.open(NEW, PROJECT)
    count = editor.published.count(NEW)

    for end in range(1, 11):
        editor.type_on(NEW, PROJECT + "theme: xyzzy"[:end])
    editor.type(NEW, PROJECT + "theme: xyzzy\n")
    time.sleep(0.5)

    assert codes(editor, NEW) == ["sh:node"]
    assert editor.published.count(NEW) - count < 5


def test_json_is_validated_while_it_is_typed(editor: Editor) -> None:
    name = "data/projects/new.json"

    editor.open(name, '{"id": "new", "type": "Project", "theme": "xyzzy"')
    broken = codes(editor, name)
    editor.type(name, '{"id": "new", "type": "Project", "theme": "xyzzy"}')

    assert broken == ["record:json"]
    assert "sh:node" in codes(editor, name)


def test_messages_are_in_the_language_asked_for(dataset: Path) -> None:
    with Editor(dataset.parent, lang="da") as editor:
        editor.open(NEW, "id: new\ntype: Projekt\n")
        (told,) = (each for each in editor.diagnostics[NEW] if each["code"] == "record:type")

    assert told["message"].split("\n") == ["typen 'Projekt' kendes ikke", "mente du 'Project'?"]


# -- completion


def test_codes_are_offered_behind_the_key(asked: Editor) -> None:
    items = asked.complete(NEW, PROJECT + "theme: |\n")

    assert items["housing"]["label"] == "Housing"
    assert items["housing"]["detail"] == "housing · Bolig"
    assert len(items) == 19


def test_codes_are_offered_in_danish(dataset: Path) -> None:
    with Editor(dataset.parent, lang="da") as editor:
        item = editor.complete(NEW, PROJECT + "theme: |\n")["housing"]

    assert (item["label"], item["detail"]) == ("Bolig", "housing · Housing")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("theme: [employment, |]\n", id="list-in-brackets"),
        pytest.param("theme: [employment, |\nstatus: completed\n", id="list-that-is-not-closed"),
        pytest.param("theme:\n  - employment\n  - |\n", id="list-with-dashes"),
        pytest.param("theme:\n- employment\n- hou|\n", id="dashes-at-the-margin"),
        pytest.param("theme:\n  |\n", id="line-below-the-key"),
        pytest.param("theme: hou|\nnote: 'not closed\n", id="what-follows-is-broken"),
        pytest.param('theme: "|"\n', id="in-quotes"),
        pytest.param("activity:\n  - kind: advice\n    theme: |\n", id="in-a-part"),
        pytest.param("activity: [{kind: advice, theme: |}]\n", id="in-a-part-in-brackets"),
    ],
)
def test_codes_are_offered_wherever_they_can_stand(asked: Editor, text: str) -> None:
    assert "housing" in asked.complete(NEW, PROJECT + text)


def test_codes_are_offered_for_a_part_that_is_written_as_one(asked: Editor) -> None:
    assert "foreign-worker" in asked.complete(NEW, PROJECT + "audience: [|]\n")


def test_offered_code_replaces_the_word_that_was_begun(asked: Editor) -> None:
    edit = asked.complete(NEW, PROJECT + "theme: [hou|x, tax]\n")["housing"]["textEdit"]

    assert edit["range"] == {
        "start": {"line": 5, "character": 8},
        "end": {"line": 5, "character": 12},
    }


def test_codes_are_offered_in_json_with_their_quotes(asked: Editor) -> None:
    items = asked.complete("data/projects/new.json", '{"type": "Project", "theme": [|]}')

    assert '"housing"' in items


def test_ids_of_records_are_offered_for_a_reference(asked: Editor) -> None:
    items = asked.complete(NEW, PROJECT + "participation:\n  - organisation: |\n")

    assert "lemvig-kommune" in items
    assert "working-in-lemvig" not in items


def test_id_that_was_just_typed_in_another_file_is_offered(asked: Editor) -> None:
    asked.open("data/projects/second.yaml", PROJECT.replace("new-project", "second-project"))

    assert "second-project" in asked.complete(NEW, PROJECT + "continues: |\n")


def test_fields_are_offered_that_are_not_there_yet(asked: Editor) -> None:
    items = asked.complete(NEW, PROJECT + "|\n")

    assert "theme: " in items
    assert not {"id: ", "type: ", "title: ", "kind: ", "source: "} & set(items)
    assert items["theme: "]["documentation"]["value"]


def test_fields_of_a_part_are_offered_inside_it(asked: Editor) -> None:
    items = asked.complete(NEW, PROJECT + "funding:\n  - funder: owner\n    |\n    share: 5\n")

    assert "fundingSource: " in items
    assert not {"funder: ", "share: ", "theme: "} & set(items)


def test_languages_are_offered_in_a_text(asked: Editor) -> None:
    assert list(asked.complete(NEW, PROJECT + "summary:\n  da: Kort\n  |\n")) == ["en: "]


def test_classes_are_offered_for_the_type(asked: Editor) -> None:
    items = asked.complete(NEW, "type: |\n")

    assert {"Project", "Organisation", "Page", "Dataset"} <= set(items)


def test_true_and_false_are_offered(asked: Editor) -> None:
    items = asked.complete(NEW, PROJECT + "funding:\n  - inKind: |\n")

    assert list(items) == ["true", "false"]


def test_parts_of_the_record_are_offered_where_one_can_be_meant(asked: Editor) -> None:
    text = PROJECT + "activity:\n  - id: dinners\n    kind: advice\nlesson:\n  - about: |\n"

    assert list(asked.complete(NEW, text)) == ['"#dinners"']


def test_nothing_is_offered_in_running_text(asked: Editor) -> None:
    assert asked.complete(NEW, PROJECT + "summary:\n  da: >-\n    Det er |\n") == {}


# -- hover


def test_hover_over_a_key_says_what_the_field_is(asked: Editor, model: Model) -> None:
    field = model.classes["Project"].fields["theme"]

    text = asked.hover(NEW, PROJECT + "th|eme: housing\n")

    assert text.startswith(f"**{field.name['en']}** `theme` (optional)")
    assert field.help["en"] in text


def test_hover_says_what_is_required(asked: Editor) -> None:
    assert "(required)" in asked.hover(NEW, PROJECT.replace("title", "tit|le"))


def test_hover_over_a_code_says_its_labels_and_definition(asked: Editor, model: Model) -> None:
    iri = model.codelists[model.classes["Project"].fields["theme"].codelist].find("housing")
    assert iri is not None

    text = asked.hover(NEW, PROJECT + "theme: [tax, hous|ing]\n")

    assert text.startswith("**Bolig · Housing** `housing`")
    assert model.term_texts(iri, "skos:definition")["en"] in text


def test_hover_over_running_text_says_nothing(asked: Editor) -> None:
    assert asked.hover(NEW, PROJECT + "summary: {en: hous|ing}\n") == ""


# -- mending


def test_nearest_code_is_offered_as_a_quick_fix(editor: Editor) -> None:
    editor.open(NEW, PROJECT + "theme: [tax, housng]\n")
    (told,) = (each for each in editor.diagnostics[NEW] if each["code"] == "sh:node")

    (action,) = editor.ask(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": editor.uri(NEW)},
            "range": told["range"],
            "context": {"diagnostics": [told]},
        },
    )

    assert action["title"] == "Replace by 'housing'"
    assert action["edit"]["changes"] == {
        editor.uri(NEW): [{"range": told["range"], "newText": "housing"}]
    }


# -- the process


def test_server_ends_when_it_is_told_to(editor: Editor) -> None:
    editor.open(NEW, PROJECT)

    assert editor.quit() == 0


def test_server_ends_when_the_editor_is_gone(editor: Editor) -> None:
    editor.open(NEW, PROJECT)
    assert editor.process.stdin is not None

    editor.process.stdin.close()

    editor.process.wait(PATIENCE)


def test_nothing_but_the_protocol_is_on_standard_output(editor: Editor) -> None:
    editor.open(NEW, PROJECT + "theme: xyzzy\n")
    editor.quit()

    assert editor.process.stderr is not None
    assert editor.process.stderr.read() == b""


def test_missing_pygls_is_told_with_what_to_type(tmp_path: Path) -> None:
    # A module that cannot be imported stands where pygls would.
    code = "import sys; sys.modules['pygls'] = None\nfrom expatlod.cli import main; main(['lsp'])\n"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=tmp_path
    )

    assert done.returncode == 2
    assert done.stderr == (
        "expatlod: the language server needs pygls; install it with  pip install 'expatlod[lsp]'\n"
    )


# -- the outline of a text in mid-typing

_TEXTS = [
    pytest.param("a: |", ("a",), None, id="behind-a-key"),
    pytest.param("a:|", ("a",), None, id="behind-the-colon"),
    pytest.param("a: b |", None, None, id="behind-a-value"),
    pytest.param("a: |  # why", ("a",), None, id="before-a-comment"),
    pytest.param("# a: |", None, None, id="in-a-comment"),
    pytest.param("a:\n  b: c\n  |", None, ("a",), id="below-a-key"),
    pytest.param("a:\n  - b: c\n    |", None, ("a",), id="in-an-item"),
    pytest.param("a:\n  - b: c\n|", None, (), id="at-the-margin"),
    pytest.param("a: {b: {c: |}}", ("a", "b", "c"), None, id="in-braces"),
    pytest.param("a: {b: c, |}", None, ("a",), id="key-in-braces"),
    pytest.param("a: [\n  b,\n  |\n]", ("a",), None, id="brackets-over-lines"),
    pytest.param("a: [b\nc: |", ("c",), None, id="after-an-open-bracket"),
    pytest.param('a: "b\nc: |', ("c",), None, id="after-an-open-quote"),
    pytest.param("a: |\n  b\n", ("a",), None, id="above-a-deeper-line"),
    pytest.param("a: >-\n  b |\nc: d", None, None, id="in-a-text-over-lines"),
    pytest.param("a: >-\n  b\n|", None, (), id="after-a-text-over-lines"),
    pytest.param("a: b\n---\nc: |", ("c",), None, id="in-the-second-document"),
    pytest.param("a: b\r\nc: |\r\n", ("c",), None, id="crlf"),
    pytest.param("- a: |", ("a",), None, id="in-a-list-of-records"),
    pytest.param('{"a": {"b": |', ("a", "b"), None, id="json"),
    pytest.param("a: 'it''s |'", ("a",), None, id="in-quotes"),
    pytest.param("'a': |", ("a",), None, id="behind-a-quoted-key"),
]


@pytest.mark.parametrize(("text", "value", "keys"), _TEXTS)
def test_outline_finds_what_the_cursor_is_in(
    text: str, value: tuple[str, ...] | None, keys: tuple[str, ...] | None
) -> None:
    mark = text.index("|")
    before = text[:mark].replace("\r\n", "\n").split("\n")

    spot = outline(text[:mark] + text[mark + 1 :], len(before) - 1, len(before[-1])).spot

    assert (spot.value if spot else None, spot.keys if spot else None) == (value, keys)


@given(
    text=st.text(st.sampled_from("ab:- \n\r\t{}[],\"'#|>\\"), max_size=60),
    line=st.integers(0, 5),
    column=st.integers(0, 20),
)
def test_outline_of_any_text_lies_in_the_text(text: str, line: int, column: int) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    found = outline(text, line, column)

    for word in found.words:
        assert word.text == lines[word.line][word.start : word.end]
    if found.spot is not None:
        assert found.spot.start <= column <= found.spot.end


# -- another field of life


def test_another_profile_is_offered_as_it_is() -> None:
    harbour = load(Folder(ROOT / "tests" / "profile"))

    keys = offers(harbour, outline("type: Boat\ncrew: 4\n", 2, 0), (), "en")
    codes = offers(harbour, outline("type: Boat\nhull: ", 1, 6), (), "en")

    boat = harbour.classes["Boat"].fields
    assert [each.text for each in keys] == ["id", *(key for key in boat if key != "crew")]
    assert "catamaran" in [each.text for each in codes]
