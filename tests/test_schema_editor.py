"""What an author sees in an editor: the real YAML language server, asked over stdio.

`make test` installs the server into .venv/editor; where it could not, these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from expatlod.profile import Model
from expatlod.schema import FORMATS

SERVER = Path(sys.prefix) / "editor/node_modules/yaml-language-server/bin/yaml-language-server"
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

pytestmark = pytest.mark.skipif(
    NODE is None or not SERVER.is_file(),
    reason="no YAML language server: `make test` installs it with npm, from the system or PyPI",
)

_FIRST = "# yaml-language-server: $schema=records.schema.json\n"


class Editor:
    """An editor with one folder open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [str(NODE), str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.number = 0
        self.problems: dict[str, list[dict[str, Any]]] = {}
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
                "hover": {"contentFormat": ["markdown"]},
            },
            "workspace": {"configuration": True},
        }
        self.ask(
            "initialize",
            {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": capabilities},
        )
        self.tell("initialized", {})

    def tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: object) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            message = self._message()
            if message.get("id") == self.number and "method" not in message:
                return message.get("result")

    def open(self, text: str) -> str:
        """Open a file that says where its schema is; return its address."""
        self.number += 1
        uri = (self.folder / f"record-{self.number}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": _FIRST + text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def complete(self, text: str) -> list[dict[str, Any]]:
        """Return what is offered at the end of *text*."""
        items: list[dict[str, Any]] = self._at("textDocument/completion", f"{text}|")["items"]
        return items

    def hover(self, text: str) -> str:
        """Return what is told about the place of the bar in *text*."""
        told: str = self._at("textDocument/hover", text)["contents"]["value"]
        return told

    def check(self, text: str) -> list[tuple[int, int, str]]:
        """Return line and column (from 1, in *text*) and message of each problem."""
        uri = self.open(text)
        while uri not in self.problems:
            self._message()
        return sorted(
            (each["range"]["start"]["line"], each["range"]["start"]["character"] + 1, message)
            for each in self.problems[uri]
            for message in [each["message"]]
        )

    def _at(self, method: str, text: str) -> Any:
        uri = self.open(text.replace("|", ""))
        lines = (_FIRST + text.partition("|")[0]).split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        return self.ask(method, {"textDocument": {"uri": uri}, "position": position})

    def _send(self, message: dict[str, object]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def _message(self) -> dict[str, Any]:
        """Read one message; answer it where the server asks, keep it where it tells problems."""
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.problems[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            settings = {"validate": True, "completion": True, "hover": True}
            # No look at the catalogue of schemas on the network.
            settings |= {"schemaStore": {"enable": False}}
            items = message["params"]["items"]
            self._send(
                {
                    "id": message["id"],
                    "result": [settings if e.get("section") == "yaml" else {} for e in items],
                }
            )
        elif "id" in message and "method" in message:
            self._send({"id": message["id"], "result": None})
        return message


@pytest.fixture(scope="module")
def editor(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("editor")
    data = FORMATS["json-schema"](model, model.record_classes, "en")
    (folder / "records.schema.json").write_bytes(data)
    editor = Editor(folder)
    yield editor
    editor.process.kill()
    editor.process.communicate()


def labels(items: list[dict[str, Any]]) -> list[str]:
    return [each["label"] for each in items]


def test_an_empty_record_is_offered_its_type_first(editor: Editor) -> None:
    assert labels(editor.complete(""))[0] == "type"


def test_the_type_is_one_of_the_classes(editor: Editor) -> None:
    items = editor.complete("type: ")

    assert labels(items) == ["Dataset", "Organisation", "Page", "Project"]
    assert items[2]["documentation"].startswith("A page or publication")


def test_keys_are_those_of_the_class_in_the_order_of_the_shapes(editor: Editor) -> None:
    offered = labels(editor.complete("type: Page\nid: a\n"))

    keys = ["title", "kind", "url", "language", "publisher", "issued", "note"]
    assert [each for each in offered if each in keys] == keys
    assert "funding" not in offered
    assert "$schema" not in offered


def test_a_key_is_offered_with_its_help(editor: Editor, model: Model) -> None:
    items = editor.complete("type: Page\nid: a\n")
    (kind,) = [each for each in items if each["label"] == "kind"]

    assert model.classes["Page"].fields["kind"].help["en"] in kind["documentation"]["value"]


def test_a_text_is_offered_with_its_languages(editor: Editor) -> None:
    items = editor.complete("type: Project\nid: a\n")
    (title,) = [each for each in items if each["label"] == "title"]

    assert title["insertText"].split() == ["title:", "da:", "$1", "en:", "$2"]


def test_codes_are_offered_before_their_labels_with_what_they_mean(editor: Editor) -> None:
    items = editor.complete("type: Project\nid: a\nfee: ")

    assert labels(items)[:2] == ["charged", "free"]
    assert "Gratis" in labels(items)
    assert items[1]["documentation"].startswith("Free: ")


@pytest.mark.parametrize("start", ["theme: [", "theme:\n  - ", "theme: "])
def test_codes_are_offered_inside_lists(editor: Editor, start: str) -> None:
    assert {"housing", "language"} <= set(labels(editor.complete(f"type: Project\nid: a\n{start}")))


def test_keys_and_codes_of_a_part_are_offered(editor: Editor) -> None:
    text = "type: Project\nid: a\nfunding:\n  - share: 25\n    "

    assert {"fundingSource", "amount"} <= set(labels(editor.complete(text)))
    assert "region" in labels(editor.complete(f"{text}fundingSource: "))


def test_hovering_over_a_key_tells_what_it_is_for(editor: Editor, model: Model) -> None:
    told = editor.hover("type: Project\nid: a\naudi|ence: [spouse]\n")

    assert model.classes["Project"].fields["audience"].help["en"] in told


def test_hovering_over_a_code_tells_what_it_means(editor: Editor) -> None:
    told = editor.hover("type: Project\nid: a\naudience:\n  - group: spo|use\n")

    assert "`spouse`: Accompanying spouses and partners" in told


def test_a_wrong_code_is_marked_where_it_stands(editor: Editor) -> None:
    problems = editor.check("type: Page\nid: a\nkind: blog\n")

    assert problems == [
        (3, 7, "The value is not in the codelist 'Kind of page'. Choose a code from the list.")
    ]


def test_an_unknown_key_is_marked_where_it_stands(editor: Editor) -> None:
    problems = editor.check("type: Page\nid: a\nkind: initiative\nurll: https://example.org/\n")

    assert problems == [(4, 1, "Property urll is not allowed.")]


def test_a_value_of_no_form_is_marked_with_the_cure(editor: Editor, model: Model) -> None:
    problems = editor.check("type: Page\nid: a\nkind: initiative\nissued: 6/12/2012\n")
    cure = model.shape_texts(model.classes["Page"].fields["issued"].shape, "sh:message")["en"]

    assert problems == [(4, 9, cure)]


def test_what_is_missing_is_told(editor: Editor) -> None:
    assert editor.check("type: Page\nid: a\n") == [(1, 1, 'Missing property "kind".')]


def test_the_shipped_records_have_no_problem(editor: Editor) -> None:
    root = Path(__file__).resolve().parent.parent / "data"
    paths = [root / "dataset.yaml", *root.glob("p*/*.yaml"), *root.glob("organisations/s*.yaml")]
    assert len(paths) > 15
    for path in paths:
        assert editor.check(path.read_text("utf-8")) == [], path.name
