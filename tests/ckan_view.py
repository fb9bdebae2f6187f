"""What CKAN makes of a catalogue, said by the real one and by the rehearsal in the same form."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from expatlod.rdf import read
from expatlod.rehearse.ckan import Package, packages
from expatlod.rehearse.graph import Graph

__all__ = ["FOREIGN", "as_real", "as_said", "asked", "view"]

HERE = Path(__file__).resolve().parent
FOREIGN = HERE / "catalog_foreign"
PYTHON = HERE.parent / ".venv/ckan/bin/python"

#: Fields that the view leaves out or says in fewer words, and why.
NOT_COMPARED = {
    "distribution_ref": "CKAN's own note on where a resource came from",
    "access_services": "the services as JSON, of which the view has the addresses",
}


def asked(paths: Mapping[Path, str]) -> dict[str, Any]:
    """Return what the real CKAN says of the catalogues at *paths*."""
    assert PYTHON.exists(), (
        f"{PYTHON} is missing, the Python of the environment with CKAN in it: "
        "run 'make test', which installs it"
    )
    command = [str(PYTHON), str(FOREIGN / "ckan_parser.py")]
    command += [part for path, form in paths.items() for part in (str(path), form)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


def view(path: Path) -> list[Package]:
    placed, findings = read(path)
    assert findings == []
    return list(packages(Graph(placed)))


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as CKAN writes them: several values as a list in JSON."""
    return {
        key: json.dumps(list(value)) if isinstance(value, tuple) else value
        for key, value in fields.items()
        if key not in NOT_COMPARED
    }


def as_real(each: Package) -> dict[str, Any]:
    """Return *each* in the form of `as_said`."""
    return {
        **each.root,
        "guid": each.guid,
        "tags": sorted(each.tags),
        "extras": plain(each.extras),
        "resources": sorted(
            json.dumps(plain(res.fields), sort_keys=True) for res in each.resources
        ),
    }


def as_said(each: dict[str, Any]) -> dict[str, Any]:
    """Return what the parser says of a dataset; sorted where a graph has no order."""
    return {
        **{key: each[key] for key in ("title", "notes", "url", "version") if key in each},
        "license_id": each["license_id"],
        "guid": each["guid"],
        "tags": sorted(tag["name"] for tag in each["tags"]),
        "extras": {
            extra["key"]: extra["value"] for extra in each["extras"] if extra["key"] != "guid"
        },
        "resources": sorted(json.dumps(plain(res), sort_keys=True) for res in each["resources"]),
    }
