"""Write the Python that converts the records of one profile: a function for every class.

What the interpretive converter finds out for every record, which keys there are and what each
holds, is known from the model and is written down once. The functions take what is perfectly
ordinary, and raise OddError for all else.

A function is given the data *d* of a node, *head*, with which the IRIs of the record's parts
begin, and two things to fill: *out* gets the subject of every node with the fragments of its
triples, in order, and *names* every name of a node with the number of texts of JSON in *d* (see
`expatlod.writers.lines`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from expatlod.canonical import identify, kebab
from expatlod.convert import type_lines
from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.iris import is_iri
from expatlod.namespaces import expand
from expatlod.profile import Model
from expatlod.records.text import DEPTH
from expatlod.writers.fragments import (
    ESCAPED,
    MISSING,
    Memo,
    OddError,
    fragment,
    group,
    reader,
)

__all__ = ["RECORD", "Way", "Writing"]

# A node stands at most two levels below the one that it is a part of, and three levels below it
# are the texts of one language.
_DEEPEST = (DEPTH - 4) // 2

# With two names behind it, it is not too long for an IRI.
_LONGEST_PREFIX = 1000


@dataclass(frozen=True, slots=True)
class Way:
    """What the code can rely on.

    *counted*: the data is a line of JSON, whose texts are counted, and has numbers in it. Else it
    is from a reader, all text, and keys are compared with those that are known. *escaped* are the
    characters in texts that N-Triples escapes.
    """

    name: str
    counted: bool
    escaped: str


#: For the data of a reader.
RECORD = Way("record", counted=False, escaped=ESCAPED)


def _format(template: str, **constants: str) -> str:
    """Return an f-string, as Python, of *template* with its {CONSTANTS} filled in as they are."""
    for name, text in constants.items():
        template = template.replace("{" + name + "}", text.replace("{", "{{").replace("}", "}}"))
    return "f" + repr(template)


@dataclass(slots=True)
class Writing:
    """The writing of the code for one profile and one base.

    *values* are what the code refers to and is not in it: memos, and what they are made with.
    *memos* are all that is remembered.
    """

    model: Model
    base: str
    nodes: bool
    values: dict[str, object] = field(default_factory=dict)
    memos: dict[str, Mapping[str, object]] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)
    _way: Way = RECORD
    _inside: bool = False

    @property
    def ordinary(self) -> bool:
        """Whether nothing is odd about the profile and the base themselves.

        The IRIs of records and their parts are IRIs whatever the names in them, and no property
        is there twice in a class or gives types.
        """
        prefixes = [identify(self.base, kind.segment, "") for kind in self.model.record_classes]
        if not all(
            "#" not in each and len(each) < _LONGEST_PREFIX and is_iri(f"{each}a")
            for each in prefixes
        ):
            return False
        return all(
            len({expand("rdf:type"), *(each.path for each in kind.fields.values())})
            == len(kind.fields) + 1
            and not {"id", "type"} & kind.fields.keys()
            for kind in self.model.classes.values()
        )

    def code(self, way: Way) -> str:
        """Return the Python for one way; deterministic."""
        self._way = way
        self._lines = []
        for index, kind in enumerate(self.model.classes.values()):
            self._part(index, kind)
            if kind.segment:
                self._record(index, kind)
        return "\n".join(self._lines) + "\n"

    # -- writing

    def _say(self, depth: int, *lines: str) -> None:
        self._lines += ["    " * depth + line for line in lines if line]

    def _count(self, depth: int, number: str) -> None:
        if self._way.counted:
            self._say(depth, f"s += {number}")

    def _index(self, kind: RecordClass) -> int:
        return list(self.model.classes).index(kind.name)

    # -- nodes

    def _record(self, index: int, kind: RecordClass) -> None:
        """Write the function for the records of a class; it returns the IRI (and the node)."""
        self._inside = False
        prefix = identify(self.base, kind.segment, "")
        self._say(0, f"def record_{index}(d, out, names):  # {kind.name!r}")
        self._say(1, "s = 0" if self._way.counted else "", "index = None", "depth = 0")
        self._say(
            1,
            'v = d.get("id")',
            "if v.__class__ is not str:",
            "    raise OddError",
            f"if v.startswith({prefix!r}):",
            f"    v = v[{len(prefix)}:]",
            "if not is_name(v):",
            "    raise OddError",
            f"iri = {_format('{PREFIX}{v}', PREFIX=prefix)}",
            'head = iri + "#"',
        )
        self._count(1, "2")
        self._written(index, kind)
        self._say(1, f'if d["type"] == {kind.name!r}:')
        self._say(2, "s += 2" if self._way.counted else "pass")
        self._say(1, "else:")
        typed = f"typed(d['type'], types_{index})"
        self._say(2, f"s += 1 + {typed}" if self._way.counted else typed)
        self._body(index, kind, "iri", 'f"<{iri}> ".encode()')
        self._say(1, "names[''] = " + ("s" if self._way.counted else "0"))
        self._say(1, "return iri, node" if self.nodes else "return iri, None", "", "")
        self._lines += ["", ""]

    def _part(self, index: int, kind: RecordClass) -> None:
        """Write the function for a part; it returns the subject (and the node)."""
        self._inside = True
        self.values[f"types_{index}"] = kind.types
        single = len(kind.types) == 1
        self.values[f"type_{index}"] = kind.types[0] if single else list(kind.types)
        self._say(0, f"def part_{index}(d, name, index, head, out, names, depth):  # {kind.name!r}")
        self._say(1, "s = 0" if self._way.counted else "")
        self._say(1, f"if depth > {_DEEPEST}:", "    raise OddError")
        self._say(1, "if d.__class__ is not dict:")
        self._short(index, kind)
        self._say(1, "elif not d:", "    raise OddError")
        text = kind.fields.get(kind.text_key)
        if text is not None and text.kind == TEXT:
            self.values[f"kind_{index}"] = kind
            self._say(1, f"if {text.key!r} not in d and is_language_map(d, kind_{index}):")
            self._say(2, f"d = texts_in(d, {text.key!r})")
            self._count(2, "-1")
        self._written(index, kind)
        self._say(1, 'if "id" in d:', '    v = d["id"]')
        self._say(2, "if v != head + name or depth > 1 and len(name) > 100:")
        self._say(3, "name = local_name(v, head)")
        self._count(2, "2")
        self._say(1, 'if "type" in d:', '    v = d["type"]')
        if self._way.counted:
            self._say(
                2, f"if v == type_{index}:", f"    s += {2 if single else 1 + len(kind.types)}"
            )
            self._say(2, "else:", f"    s += 1 + typed(v, types_{index})")
        else:
            self._say(2, f"typed(v, types_{index})")
        self._body(index, kind, "head + name", 'f"<{head}{name}> ".encode()')
        self._say(1, "names[name] = " + ("s" if self._way.counted else "0"))
        self._say(1, "return subject, node" if self.nodes else "return subject")
        self._lines += ["", ""]

    def _short(self, index: int, kind: RecordClass) -> None:
        """Write what becomes of a part that is written as one value."""
        text = kind.fields.get(kind.text_key)
        if text.kind == TEXT if text else not kind.forms:
            self._say(2, "raise OddError")
            return
        if self._way.counted:
            self._say(2, "if d.__class__ is str:", "    s = 1")
            self._say(2, "else:", "    d = number(d)")
        else:
            self._say(2, "if d.__class__ is not str:", "    raise OddError")
        if self._remembered(kind):
            self._say(2, "names[name] = " + ("s" if self._way.counted else "0"))
            self._say(2, "try:", f"    found = short_{index}[d]")
            self._say(2, "except KeyError:", f"    found = shorten_{index}(d)")
            ends = "found[0]" if self.nodes else "found"
            self._say(2, 'subject = f"<{head}{name}> ".encode()')
            self._say(2, f"out.append((subject, {ends}))")
            if self.nodes:
                self._say(2, 'return subject, {**found[1], "id": head + name}')
            else:
                self._say(2, "return subject")
            return
        self._say(2, f"d = long_{index}(d)")
        self._count(2, "-2 * len(d)")

    def _remembered(self, kind: RecordClass) -> bool:
        """Tell whether all of a part written as one value follows from that value."""
        filled = {kind.text_key} if kind.text_key else {key for f in kind.forms for key in f.keys}
        kinds = {kind.fields[key].kind for key in filled}
        placed = any(each.computed == "position" for each in kind.fields.values())
        return kinds <= {LITERAL, CODE, REFERENCE} and not placed

    def _written(self, index: int, kind: RecordClass) -> None:
        """Write the reading of a written form under its key, and the look at the keys."""
        known = {"id", "type", *kind.fields}
        if kind.written_in and kind.written_in not in known:
            self._say(1, f"if {kind.written_in!r} in d:")
            if self._way.counted:
                self._say(2, f"v = d[{kind.written_in!r}]", "if v.__class__ is str:", "    s += 2")
                self._say(2, "else:", "    v = number(v)", "    s += 1")
                self._say(2, f"v = form_{index}(v)", "s -= 2 * len(v)")
            else:
                self._say(2, f"v = form_{index}(d[{kind.written_in!r}])")
            self._say(2, f"d = filled(d, {kind.written_in!r}, v)")
        elif kind.written_in:
            self._say(1, f"if {kind.written_in!r} in d:", "    raise OddError")
        if not self._way.counted:
            self.values[f"known_{index}"] = frozenset(known)
            self._say(1, f"if not known_{index}.issuperset(d):", "    raise OddError")

    def _body(self, index: int, kind: RecordClass, iri: str, subject: str) -> None:
        """Write what makes the triples of a node from its fields, in their order."""
        if self.nodes:
            types = repr(kind.types[0] if len(kind.types) == 1 else list(kind.types))
            self._say(1, f'node = {{"id": {iri}, "type": {types}}}')
        lines = dict.fromkeys(type_lines(self.model, kind, ""))
        first = [b"", *((line.removeprefix("<> ") + "\n").encode() for line in lines)]
        self._say(
            1,
            f"frags = {first!r}",
            f"subject = {subject}",
            "out.append((subject, frags))",
        )
        groups = dict(_groups(kind))
        begun: set[str] = set()
        for source, run in groupby(kind.fields.values(), lambda each: groups.get(each.key)):
            if source is not None:
                self._group(index, kind, source, list(run), begun)
            else:
                for number, each in ((list(kind.fields).index(each.key), each) for each in run):
                    self._field(f"{index}_{number}", each)

    # -- fields

    def _field(self, label: str, each: Field) -> None:
        if each.computed:
            self._computed(each)
            return
        self._say(1, f"if {each.key!r} in d:", f"    v = d[{each.key!r}]")
        if each.kind == TEXT:
            self._text(each)
        elif each.kind == PART:
            self._parts(each)
        else:
            self._values(label, each)
        if each.default:
            self._say(1, "else:", f"    frags.append({fragment(self.model, each, each.default)!r})")
            if self.nodes:
                self._say(2, f"node[{each.key!r}] = {each.default!r}")

    def _computed(self, each: Field) -> None:
        """Write the place in the author's list; a bound without a source is never there."""
        if each.computed != "position":
            self._say(1, f"if {each.key!r} in d:", "    raise OddError")
            return
        before, after = fragment(self.model, each, "\0").decode().split("\0")
        line = _format("{BEFORE}{index}{AFTER}", BEFORE=before, AFTER=after)
        self._say(1, "if index is not None:", f"    frags.append({line}.encode())")
        if self.nodes:
            self._say(2, f"node[{each.key!r}] = str(index)")
        self._say(1, f"if {each.key!r} in d:")
        self._say(2, f"if index is None or d[{each.key!r}] != str(index):", "    raise OddError")
        self._count(2, "2")

    def _text(self, each: Field) -> None:
        self._say(2, "if v.__class__ is not dict:")
        self._say(3, "v, more = merged(v)")
        self._count(3, "more")
        self._say(2, "elif not v:", "    raise OddError")
        if self.nodes:
            self._say(2, f"node[{each.key!r}] = texts = {{}}")
        line = _format("{BEFORE}{w}{end}", BEFORE=f'<{each.path}> "') + ".encode()"
        wanting = " or ".join(f"{character!r} in w" for character in self._way.escaped)
        escaping = (f"if {wanting}:", "    w = escape(w)") if wanting else ()
        self._say(2, "for tag in v:", "    w = v[tag]")
        self._say(3, "try:", "    end = tags[tag]")
        self._say(3, "except KeyError:", "    end = language(tags, tag, v)")
        self._say(3, "if w.__class__ is str:")
        self._say(4, "if not w or w.isspace():", "    raise OddError")
        if self.nodes:
            self._say(4, "texts[tag] = w")
        self._say(4, *escaping, f"frags.append({line})")
        self._say(3, "else:")
        self._count(4, "len(w) - 1")
        self._say(4, "found = words(w)")
        if self.nodes:
            self._say(4, "texts[tag] = single(found)")
        self._say(4, "for w in found:")
        self._say(5, *escaping, f"frags.append({line})")
        self._count(2, "1 + 2 * len(v)")

    def _values(self, label: str, each: Field) -> None:
        """Write what becomes of literals, codes and pointers."""
        memo = f"memo_{label}"
        if memo not in self.values:
            self._remember(label, each)
        miss = f"miss_{label}"
        one, again = f"{miss}(v)", f"[{miss}(x) for x in v]"
        if each.kind == IRI:
            one = f"pointer({miss}, v, head, make_{label})"
            again = f"[pointer({miss}, x, head, make_{label}) for x in v]"
        self._say(2, "if v.__class__ is str:")
        self._take(3, each, memo, one)
        self._count(3, "2")
        self._say(2, "elif v.__class__ is list and v:")
        if self._way.counted and each.kind == LITERAL:
            self._say(3, "s += 1 + sum(x.__class__ is str for x in v)")
            self._say(3, "v = [x if x.__class__ is str else number(x) for x in v]")
        else:
            self._count(3, "1 + len(v)")
        self._say(3, f"found = dict.fromkeys(map({memo}.get, v))", "if None in found:")
        self._say(4, f"found = dict.fromkeys({again})")
        if self.nodes:
            self._say(3, "frags += [x for x, _ in found]")
            self._say(3, f"node[{each.key!r}] = single([x for _, x in found])")
        else:
            self._say(3, "frags += found")
        self._say(2, "else:")
        if self._way.counted and each.kind == LITERAL:
            self._say(3, "v = number(v)")
            self._take(3, each, memo, one)
            self._count(3, "1")
        else:
            self._say(3, "raise OddError")

    def _take(self, depth: int, each: Field, memo: str, miss: str) -> None:
        """Write the looking up of one value; a miss is rare enough for an exception."""
        got = f"x, node[{each.key!r}] =" if self.nodes else "x ="
        self._say(depth, "try:", f"    {got} {memo}[v]")
        self._say(depth, "except KeyError:", f"    {got} {miss}", "frags.append(x)")

    def _remember(self, label: str, each: Field) -> None:
        model, nodes, read = self.model, self.nodes, reader(self.model, self.base, each)

        def make(value: str) -> object:
            text = fragment(model, each, value)
            return (text, value) if nodes else text

        memo = Memo(lambda text: make(read(text)))
        self.values[f"memo_{label}"] = self.memos[f"memo_{label}"] = memo.known
        self.values[f"miss_{label}"] = memo
        self.values[f"make_{label}"] = make

    def _parts(self, each: Field) -> None:
        """Write what becomes of parts, which are named by key and place."""
        kind = self.model.classes_by_iri[each.target]
        own = kebab(each.key)

        def call(depth: int, value: str, suffix: str, place: str) -> None:
            around = "{name}-" if self._inside else ""
            called = _format(around + "{KEY}" + suffix, KEY=own)
            got = "p, x" if self.nodes else "p"
            self._say(
                depth,
                f"{got} = part_{self._index(kind)}({value}, {called}, {place}, "
                "head, out, names, depth + 1)",
            )
            # A subject has a space behind it already.
            self._say(depth, f"frags.append({f'<{each.path}> '.encode()!r} + p + b'.\\n')")

        if not each.many:
            call(2, "v", "", "None")
            if self.nodes:
                self._say(2, f"node[{each.key!r}] = x")
        else:
            self._say(2, "if v.__class__ is list and v:")
            if self.nodes:
                self._say(3, "found = []")
            self._say(3, "i = 0", "for v_ in v:", "    i += 1")
            call(4, "v_", "-{i}", "i")
            if self.nodes:
                self._say(4, "found.append(x)")
                self._say(3, f"node[{each.key!r}] = single(found)")
            self._say(2, "else:")
            call(3, "v", "-1", "1")
            if self.nodes:
                self._say(3, f"node[{each.key!r}] = x")
        self._count(2, "1")

    def _group(
        self, index: int, kind: RecordClass, source: str, run: list[Field], begun: set[str]
    ) -> None:
        """Write a run of fields that are computed from one field, or are that field."""
        each = kind.fields[source]
        place = list(kind.fields).index(source)
        var, memo = f"g_{place}", f"group_{index}_{place}"
        if source not in begun:
            begun.add(source)
            self._remember_group(memo, kind, source)
            self._say(1, f"if {source!r} in d:", f"    v = d[{source!r}]")
            if self._way.counted:
                self._say(2, "if v.__class__ is str:", "    s += 2")
                self._say(2, "else:", "    v = number(v)", "    s += 1")
            self._say(2, "try:", f"    {var} = {memo}[v]")
            self._say(2, "except KeyError:", f"    {var} = miss_{memo}(v)")
            self._say(1, "else:")
            # What follows from a default is left to the interpretive converter.
            self._say(2, "raise OddError" if each.default else f"{var} = none_{memo}")
        number = _runs(kind, source).index([bound.key for bound in run])
        if self.nodes:
            self._say(1, f"frags += {var}[{number}][0]", f"node.update({var}[{number}][1])")
        else:
            self._say(1, f"frags += {var}[{number}]")
        runs = len(_runs(kind, source))
        keys = [each.key for each in _computed_from(kind, each)]
        for bound in run:
            if bound.computed:
                texts = 5 if bound.computed in ("start", "end") else 2
                self._say(1, f"if {bound.key!r} in d:")
                self._say(2, f"if d[{bound.key!r}] != {var}[{runs + keys.index(bound.key)}]:")
                self._say(3, "raise OddError")
                self._count(2, str(texts))

    def _remember_group(self, memo: str, kind: RecordClass, source: str) -> None:
        """Remember, by text, the fragments of every run, and what else the keys may hold."""
        if memo in self.values:
            return
        each = kind.fields[source]
        computed = _computed_from(kind, each)
        runs = _runs(kind, source)
        make, (starts, ends) = group(self.model, each, computed)
        nodes = self.nodes

        def arranged(found: dict[str, tuple[bytes, object]]) -> tuple[object, ...]:
            told: list[object] = []
            for run in runs:
                here = {key: found[key] for key in run if key in found}
                fragments = tuple(text for text, _ in here.values())
                values = {key: value for key, (_, value) in here.items()}
                told.append((fragments, values) if nodes else fragments)
            told += [found[bound.key][1] if bound.key in found else MISSING for bound in computed]
            return tuple(told)

        miss = Memo(lambda text: arranged(make(text)))
        self.values[memo] = self.memos[memo] = miss.known
        self.memos[f"starts_{memo}"], self.memos[f"ends_{memo}"] = starts.known, ends.known
        self.values[f"miss_{memo}"] = miss
        self.values[f"none_{memo}"] = arranged({})

    # -- what the code needs beside it

    def shorts(self, functions: dict[str, Any], way: Way) -> None:
        """Add to *functions*, those of one way, what reads the parts written as one value."""
        functions["tags"] = self.memos[f"{way.name}_tags"] = {}
        for index, kind in enumerate(self.model.classes.values()):
            functions[f"form_{index}"] = form = _form_reader(kind)
            long = (lambda text, key=kind.text_key: {key: text}) if kind.text_key else form
            functions[f"long_{index}"] = long
            shorten: Memo[object] = Memo(self._shortener(functions[f"part_{index}"], long))
            functions[f"short_{index}"] = shorten.known
            self.memos[f"{way.name}_short_{index}"] = shorten.known
            functions[f"shorten_{index}"] = shorten

    def _shortener(self, part: Any, long: Any) -> Callable[[str], object]:
        def make(text: str) -> object:
            out: list[tuple[bytes, list[bytes]]] = []
            found = part(long(text), "x", None, "#", out, {}, 1)
            fragments = tuple(out[0][1])
            return (fragments, found[1]) if self.nodes else fragments

        return make


def _form_reader(kind: RecordClass) -> Callable[[str], dict[str, str]]:
    def read(text: str) -> dict[str, str]:
        if text.__class__ is not str:
            raise OddError
        for form in kind.forms:
            found = form.read(text.strip())
            if found is not None:
                return found
        raise OddError

    return read


def _computed_from(kind: RecordClass, source: Field) -> list[Field]:
    """Return the bounds that are computed from *source*, in order."""
    return [
        each
        for each in kind.fields.values()
        if each.computed and each.computed != "position" and each.computed_from == source.path
    ]


def _groups(kind: RecordClass) -> Iterator[tuple[str, str]]:
    """Yield key and key of the source, of all fields that are computed from one or are one."""
    for source in kind.fields.values():
        computed = _computed_from(kind, source)
        if computed and not source.computed:
            yield source.key, source.key
            yield from ((each.key, source.key) for each in computed)


def _runs(kind: RecordClass, source: str) -> list[list[str]]:
    """Return the keys of a group as they follow each other among the fields."""
    groups = dict(_groups(kind))
    runs = groupby(kind.fields.values(), lambda each: groups.get(each.key))
    return [[each.key for each in run] for key, run in runs if key == source]
