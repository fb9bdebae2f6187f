"""The command line: one module a command, options and words only.

The library is imported inside the commands, so that help and completion answer at once.
"""

from __future__ import annotations

import click

from expatlod import __version__
from expatlod.cli.convert import convert
from expatlod.cli.publish import publish
from expatlod.cli.query import query
from expatlod.cli.validate import validate
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

    Records are YAML files. They are turned into RDF, checked against SHACL shapes, published as
    dumps with ontology, codelists and query examples, and asked with SPARQL.
    """


for command in (convert, validate, publish, query):
    main.add_command(command)
