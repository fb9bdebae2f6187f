"""Run SDM-RDFizer on the tables and maps in a folder: FOLDER OUT.nt."""

import sys
import types
from pathlib import Path

# It imports every database driver that it knows; this one needs a library of the system, and the
# tables are CSV.
sys.modules["pyodbc"] = types.ModuleType("pyodbc")

from rdfizer import semantify  # noqa: E402

folder, out = Path(sys.argv[1]), Path(sys.argv[2])
maps = sorted(folder.glob("mapping-*.ttl"))
settings = f"""\
[default]
main_directory: {folder}
[datasets]
number_of_datasets: {len(maps)}
output_folder: {out.parent}
all_in_one_file: yes
name: {out.stem}
remove_duplicate: yes
enrichment: yes
ordered: yes
large_file: false
"""
for number, path in enumerate(maps, 1):
    settings += f"[dataset{number}]\nname: part{number}\nmapping: {path}\n"
config = out.with_suffix(".ini")
config.write_text(settings)
semantify(str(config))
