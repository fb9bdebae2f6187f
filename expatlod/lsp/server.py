"""Speak the Language Server Protocol over standard input and output.

Requests are answered at once from what is known; validation runs in one thread of its own, a
moment after the last key.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from expatlod import __version__
from expatlod.collection import home
from expatlod.errors import ERROR, LANGUAGES, NOTE, WARNING, Finding, Text
from expatlod.lsp.offers import Offer, Target, about, mended, offers, targets
from expatlod.lsp.outline import outline, split
from expatlod.profile import Model
from expatlod.records.files import SUFFIXES, ending
from expatlod.workspace import Changes, Workspace

__all__ = ["serve"]

#: Seconds without a key before what was typed is validated.
PAUSE = 0.15

#: What is validated while it is typed; other records when they are saved.
_TYPED = (".yaml", ".yml", ".json")

#: How many folders below that of the editor a dataset is looked for.
_DEPTH = 3

_SEVERITIES = {
    ERROR: types.DiagnosticSeverity.Error,
    WARNING: types.DiagnosticSeverity.Warning,
    NOTE: types.DiagnosticSeverity.Information,
}

_REPLACE: Text = {"da": "Erstat med '{code}'", "en": "Replace by '{code}'"}


def serve(model: Model) -> None:
    """Serve the editor at standard input and output until it says goodbye."""
    server = LanguageServer(
        "expatlod", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
    )
    session = _Session(server, model)
    _listen(server, session)
    # Whatever else is printed must not get between the messages.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        server.start_io(stdout=output)
    finally:
        session.close()


def _listen(server: LanguageServer, session: _Session) -> None:
    """Register what is done about each message."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.begin(params)

    @server.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:  # noqa: ARG001
        session.watch()
        session.find()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:  # noqa: ARG001
        session.find()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        session.typed(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        session.typed(params.text_document.uri, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        session.saved(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        session.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def stirred(params: types.DidChangeWatchedFilesParams) -> None:
        session.stirred(each.uri for each in params.changes)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[" ", ",", "[", '"', "#"]),
    )
    def completion(params: types.CompletionParams) -> types.CompletionList:
        return session.complete(params.text_document.uri, params.position)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        return session.hover(params.text_document.uri, params.position)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return session.mend(params.text_document.uri, params.context.diagnostics)


class _Session:
    """What is known about the datasets that one editor works on.

    Workspaces are touched by the worker thread only, all else by the event loop's only.
    """

    def __init__(self, server: LanguageServer, model: Model) -> None:
        self._server = server
        self._model = model
        self._lang = "en"
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="validate")
        self._workspaces: dict[Path, Workspace] = {}
        self._targets: Mapping[Path, tuple[Target, ...]] = {}
        self._open: dict[Path, str] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """End the worker; what it has not begun is dropped."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    # -- what the editor tells

    def begin(self, params: types.InitializeParams) -> None:
        """Take note of the language that messages are wanted in."""
        options = params.initialization_options
        asked = options.get("lang") if isinstance(options, Mapping) else None
        wanted = str(asked or params.locale or "")[:2].lower()
        self._lang = wanted if wanted in LANGUAGES else "en"

    def watch(self) -> None:
        """Ask the editor to tell when files change that it has not open, if it can."""
        about_files = self._server.client_capabilities.workspace
        watched = about_files.did_change_watched_files if about_files else None
        if watched is None or not watched.dynamic_registration:
            return
        patterns = [
            types.FileSystemWatcher(glob_pattern=f"**/*{suffix}") for suffix in sorted(SUFFIXES)
        ]
        self._server.client_register_capability(
            types.RegistrationParams(
                registrations=[
                    types.Registration(
                        id="records",
                        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                        register_options=types.DidChangeWatchedFilesRegistrationOptions(patterns),
                    )
                ]
            )
        )

    def find(self) -> None:
        """Validate the datasets in the editor's folders."""
        found = [to_fs_path(each) for each in self._server.workspace.folders]
        if not found and self._server.workspace.root_path:
            found = [self._server.workspace.root_path]
        roots = [Path(each) for each in found if each]
        self._do(lambda: self._load(roots))

    def typed(self, uri: str, pause: float) -> None:
        """Validate the text of an open file once it has rested for *pause* seconds."""
        path = _path(uri)
        if path is None:
            return
        self._open[path.resolve()] = uri
        if ending(path) not in _TYPED:
            return
        self._cancel(uri)
        text = self._server.workspace.get_text_document(uri).source
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(
            pause, lambda: self._do(lambda: self._update(path, text))
        )

    def saved(self, uri: str) -> None:
        """Validate what was saved; what was typed has been taken note of already."""
        path = _path(uri)
        if path is not None and ending(path) not in _TYPED:
            self._do(lambda: self._refresh([path]))

    def closed(self, uri: str) -> None:
        """Go back to what is on the disk."""
        path = _path(uri)
        if path is None:
            return
        self._cancel(uri)
        self._open.pop(path.resolve(), None)
        if ending(path) in _TYPED:
            self._do(lambda: self._update(path, None))

    def stirred(self, uris: Iterable[str]) -> None:
        """Read files again that changed on the disk."""
        paths = [path for path in map(_path, uris) if path is not None]
        self._do(lambda: self._refresh(paths))

    # -- what the editor asks

    def complete(self, uri: str, position: types.Position) -> types.CompletionList:
        """Return what can come at *position*."""
        path = _path(uri)
        folder = _home(path) if path else None
        if path is None or folder is None or ending(path) not in _TYPED:
            return types.CompletionList(is_incomplete=False, items=[])
        text = self._server.workspace.get_text_document(uri).source
        lines = split(text)
        column = self._column(lines, position)
        found = outline(text, position.line, column)
        known = self._targets.get(folder, ())
        items = []
        for number, each in enumerate(offers(self._model, found, known, self._lang)):
            assert found.spot is not None
            line = lines[position.line]
            new = _written(each, line, found.spot.start, found.spot.end, ending(path) == ".json")
            edit = types.TextEdit(
                self._range(line, position.line, found.spot.start, found.spot.end), new
            )
            items.append(
                types.CompletionItem(
                    label=each.label,
                    kind=types.CompletionItemKind.Field
                    if each.is_key
                    else types.CompletionItemKind.EnumMember,
                    detail=each.detail or None,
                    documentation=_markdown(each.help) if each.help else None,
                    filter_text=" ".join(dict.fromkeys((each.text.strip('"'), each.label))),
                    sort_text=f"{number:05}",
                    text_edit=edit,
                )
            )
        return types.CompletionList(is_incomplete=False, items=items)

    def hover(self, uri: str, position: types.Position) -> types.Hover | None:
        """Return what there is to say about the word at *position*."""
        path = _path(uri)
        if path is None or ending(path) not in _TYPED or _home(path) is None:
            return None
        text = self._server.workspace.get_text_document(uri).source
        lines = split(text)
        word = outline(text).word_at(position.line, self._column(lines, position))
        said = about(self._model, word, self._lang) if word else ""
        if word is None or not said:
            return None
        where = self._range(lines[word.line], word.line, word.start, word.end)
        return types.Hover(_markdown(said), where)

    def mend(self, uri: str, told: Iterable[types.Diagnostic]) -> list[types.CodeAction]:
        """Return how to mend findings by one edit: the nearest code for what is none."""
        path = _path(uri)
        if path is None or ending(path) not in _TYPED:
            return []
        text = self._server.workspace.get_text_document(uri).source
        lines, found = split(text), outline(text)
        actions = []
        for each in told:
            if each.source != "expatlod" or each.code != "sh:node":
                continue
            start = each.range.start
            word = found.word_at(start.line, self._column(lines, start) + 1)
            code = mended(self._model, word) if word else ""
            if word is None or not code:
                continue
            where = self._range(lines[word.line], word.line, word.start, word.end)
            actions.append(
                types.CodeAction(
                    title=_REPLACE[self._lang].format(code=code),
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[each],
                    is_preferred=True,
                    edit=types.WorkspaceEdit(changes={uri: [types.TextEdit(where, code)]}),
                )
            )
        return actions

    # -- in the worker thread

    def _load(self, roots: Sequence[Path]) -> Changes:
        found: dict[str, tuple[Finding, ...]] = {}
        for root in roots:
            for folder in _datasets(root):
                if folder not in self._workspaces:
                    found |= self._workspace(folder).by_file
        return found

    def _workspace(self, folder: Path) -> Workspace:
        if folder not in self._workspaces:
            self._workspaces[folder] = Workspace(self._model, [folder])
            self._workspaces[folder].warm()
        return self._workspaces[folder]

    def _update(self, path: Path, text: str | None) -> Changes:
        folder = _home(path)
        if folder is None:
            return {}
        found: dict[str, tuple[Finding, ...]] = {}
        if folder not in self._workspaces:
            found |= self._workspace(folder).by_file
        return found | dict(self._workspace(folder).set_text(path, text))

    def _refresh(self, paths: Sequence[Path]) -> Changes:
        found: dict[str, tuple[Finding, ...]] = {}
        for folder, workspace in self._workspaces.items():
            inside = [path for path in paths if path.resolve().is_relative_to(folder)]
            if inside:
                found |= workspace.refresh(inside)
        return found

    # -- between the threads

    def _do(self, work: Callable[[], Changes]) -> None:
        """Have the worker do *work*, then tell the editor what it found."""
        loop = asyncio.get_running_loop()

        def run() -> tuple[Changes, Mapping[Path, tuple[Target, ...]]]:
            found = work()
            return found, {
                folder: targets(each.collection) for folder, each in self._workspaces.items()
            }

        def done(future: Future[tuple[Changes, Mapping[Path, tuple[Target, ...]]]]) -> None:
            if not future.cancelled():
                loop.call_soon_threadsafe(self._tell, future)

        self._worker.submit(run).add_done_callback(done)

    def _tell(self, future: Future[tuple[Changes, Mapping[Path, tuple[Target, ...]]]]) -> None:
        found, self._targets = future.result()
        for shown, findings in found.items():
            path = Path(shown)
            uri = self._open.get(path.resolve()) or from_fs_path(shown)
            assert uri is not None
            lines = self._lines(uri, path) if findings else []
            self._server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    uri, [self._diagnostic(each, lines) for each in findings]
                )
            )

    def _cancel(self, uri: str) -> None:
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

    # -- in the editor's terms

    def _diagnostic(self, finding: Finding, lines: Sequence[str]) -> types.Diagnostic:
        at, lang = finding.at, self._lang
        number = max(at.line - 1, 0) if not at.sheet else 0
        line = lines[number] if number < len(lines) else ""
        start = max(at.column - 1, 0) if at.line and not at.sheet else 0
        end = start + at.length if at.line and not at.sheet else len(line)
        said = [finding.message, *(each.message for each in finding.also), finding.help]
        return types.Diagnostic(
            range=self._range(line, number, min(start, len(line)), min(end, len(line))),
            message="\n".join(filter(None, (_in(each, lang) for each in said))),
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            source="expatlod",
        )

    def _lines(self, uri: str, path: Path) -> list[str]:
        if ending(path) in _TYPED and path.resolve() in self._open:
            return split(self._server.workspace.get_text_document(uri).source)
        try:
            return split(path.read_bytes().decode("utf-8-sig", "replace"))
        except OSError:
            return []

    def _range(self, line: str, number: int, start: int, end: int) -> types.Range:
        units = self._server.workspace.position_codec.client_num_units
        return types.Range(
            types.Position(number, units(line[:start])), types.Position(number, units(line[:end]))
        )

    def _column(self, lines: Sequence[str], position: types.Position) -> int:
        """Return the characters in front of *position* on its line."""
        if position.line >= len(lines):
            return 0
        units = self._server.workspace.position_codec.client_num_units
        column, left = 0, position.character
        for character in lines[position.line]:
            left -= units(character)
            if left < 0:
                break
            column += 1
        return column


def _path(uri: str) -> Path | None:
    """Return the path of a file that records are kept in, None for all else."""
    name = to_fs_path(uri)
    path = Path(name) if name else None
    return path if path is not None and ending(path) else None


def _home(path: Path) -> Path | None:
    folder = home([path])
    return folder.resolve() if folder is not None else None


def _datasets(root: Path) -> list[Path]:
    """Return the folders of the datasets that *root* is in, or that are in it."""
    around = home([root])
    found = {around.resolve()} if around is not None else set()
    top = len(root.parts)
    for folder, folders, names in os.walk(root):
        deep = len(Path(folder).parts) - top >= _DEPTH
        folders[:] = [] if deep else [each for each in folders if not each.startswith(".")]
        if any(name == f"dataset{ending(name)}" for name in names):
            found.add(Path(folder).resolve())
            folders[:] = []
    return sorted(found)


def _written(offer: Offer, line: str, start: int, end: int, json: bool) -> str:
    """Return what an offer is as text between *start* and *end* of *line*."""
    text = offer.text
    quoted = line[start - 1 : start] in ('"', "'") and start > 0
    if json and not quoted and not text.startswith('"') and text not in ("true", "false"):
        text = f'"{text}"'
    behind = line[end + 1 :] if quoted else line[end:]
    if offer.is_key and not behind.lstrip().startswith(":") and not quoted:
        text += ": "
    return f" {text}" if line[start - 1 : start] == ":" and not offer.is_key else text


def _markdown(text: str) -> types.MarkupContent:
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def _in(text: Text, lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")
