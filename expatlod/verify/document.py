"""The report of `expatlod verify` as JSON, for programs.

{
  "version": 1,                     of this form; another number when a key changes or goes
  "releases": 3, "files": 412,      that were looked through
  "bytes": 73400320,                in those files
  "unkept": 0,                      findings that are left out, where many have one code
  "findings": […]                   as in the report of `expatlod validate`
}
"""

from __future__ import annotations

import msgspec

from expatlod.reports.json import item
from expatlod.reports.report import line
from expatlod.verify import Verified

__all__ = ["VERSION", "document"]

#: The version of the form above.
VERSION = 1


def document(verified: Verified) -> str:
    """Return *verified* as one JSON document."""
    data = {
        "version": VERSION,
        "releases": verified.releases,
        "files": verified.files,
        "bytes": verified.bytes,
        "unkept": verified.unkept,
        "findings": [item(each, line(each.at)) for each in verified.findings],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
