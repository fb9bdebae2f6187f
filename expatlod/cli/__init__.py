"""The command line: one module a command, options and words only.

The library is imported inside the commands, so that help and completion answer at once.
"""

from __future__ import annotations

import gc

import click

from expatlod import __version__
from expatlod.cli.convert import convert
from expatlod.cli.diff import diff
from expatlod.cli.explain import explain
from expatlod.cli.index import index
from expatlod.cli.lsp import lsp
from expatlod.cli.new import new
from expatlod.cli.publish import publish
from expatlod.cli.push import push
from expatlod.cli.query import query
from expatlod.cli.rehearse import rehearse
from expatlod.cli.schema import schema
from expatlod.cli.validate import validate
from expatlod.cli.verify import verify
from expatlod.cli.watch import watch
from expatlod.cli.words import Group

__all__ = ["main"]


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with:  expatlod publish data -o public   then   expatlod query list",
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def main() -> None:
    """Publish project records as linked open data.

    Records are YAML, JSON, CSV or XLSX. They are turned into RDF, checked against SHACL shapes,
    published as dumps with ontology, codelists and query examples, and asked with SPARQL.
    """
    # A command makes many things that live as long as it does; to look through them every 700
    # allocations for cycles to collect costs a sixth of its time.
    gc.set_threshold(100_000, 50, 50)


for command in (
    *(new, schema, convert, validate, watch, lsp, explain),
    *(publish, rehearse, diff, verify, push, index, query),
):
    main.add_command(command)
