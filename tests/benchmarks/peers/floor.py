"""Write a converter with the mapping fixed in its code, as somebody in a hurry would by hand.

    python tests/benchmarks/peers/floor.py > fixed.py && python fixed.py CANONICAL.jsonl OUT.nt

It checks nothing: no datatype, code, IRI, language or id. It is how fast Python can be at this.
"""

from __future__ import annotations

from collections.abc import Iterator

from expatlod.convert import type_lines
from expatlod.fields import LITERAL, PART, TEXT, Field, RecordClass
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model, load
from expatlod.resources import default_profile

_HEAD = """\
import sys

import msgspec

XSD = "http://www.w3.org/2001/XMLSchema#"
ESCAPES = str.maketrans({"\\\\": "\\\\\\\\", '"': '\\\\"', "\\n": "\\\\n", "\\r": "\\\\r"})


def escaped(text):
    if '"' in text or "\\\\" in text or "\\n" in text or "\\r" in text:
        return text.translate(ESCAPES)
    return text


"""

_TAIL = """\
def main():
    classes = globals()
    with open(sys.argv[1], "rb") as lines, open(sys.argv[2], "w", encoding="utf-8") as file:
        decode = msgspec.json.Decoder().decode
        out = []
        for line in lines:
            node = decode(line)
            kind = node["type"]
            classes["write_" + (kind if isinstance(kind, str) else kind[0])](node, out.append)
            if len(out) > 20_000:
                file.write("".join(out))
                out.clear()
        file.write("".join(out))


main()
"""


def source(model: Model) -> str:
    """Return the converter's source code."""
    functions = ("\n".join(_function(model, kind)) for kind in model.classes.values())
    return _HEAD + "\n\n\n".join(functions) + "\n\n\n" + _TAIL


def _function(model: Model, kind: RecordClass) -> Iterator[str]:
    yield f"def write_{kind.name}(node, add):"
    yield '    s = "<" + node["id"] + "> "'
    types = [line.replace("<x:> ", "") for line in type_lines(model, kind, "x:")]
    lines = "".join("{s}" + line + "\\n" for line in types)
    yield f"    add(f'{lines}')"
    yield "    get = node.get"
    for each in kind.fields.values():
        yield f"    if (v := get({each.key!r})) is not None:"
        yield from (f"        {line}" for line in _field(model, each))


def _field(model: Model, each: Field) -> Iterator[str]:
    start = "f'{s}<" + each.path + "> "
    if each.kind == TEXT:
        yield "for tag, t in v.items():"
        yield "    if t.__class__ is str:"
        yield "        add(" + start + '"{escaped(t)}"@{tag} .\\n\')'
        yield "    else:"
        yield "        for each in t:"
        yield "            add(" + start + '"{escaped(each)}"@{tag} .\\n\')'
    elif each.kind == PART:
        write = f"write_{model.classes_by_iri[each.target].name}"
        yield from _one_or_many(
            "dict", ["add(" + start + '<{v["id"]}> .\\n\')', f"{write}(v, add)"]
        )
    elif each.kind != LITERAL:
        yield from _one_or_many("str", ["add(" + start + "<{v}> .\\n')"])
    elif not each.datatype:
        yield "add(" + start + '"{v["@value"]}"^^<{XSD}{v["@type"][4:]}> .\\n\')'
    else:
        plain = each.datatype == PREFIXES["xsd"] + "string"
        end = '"{escaped(v)}"' if plain else f'"{{v}}"^^<{each.datatype}>'
        yield from _one_or_many("str", ["add(" + start + end + " .\\n')"])


def _one_or_many(kind: str, lines: list[str]) -> Iterator[str]:
    yield f"if v.__class__ is {kind}:"
    yield from (f"    {line}" for line in lines)
    yield "else:"
    yield "    for v in v:"
    yield from (f"        {line}" for line in lines)


if __name__ == "__main__":
    print(source(load(default_profile())), end="")  # noqa: T201
