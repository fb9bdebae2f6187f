"""Print as JSON what the real CKAN and ckanext-dcat make of catalogues.

Run by the tests with the Python of the environment that CKAN is installed in. The arguments are
pairs: a path, and what rdflib calls its syntax. CKAN is imported in the functions: the environment
that runs the tests does not have it.
"""

import json
import logging
import sys
import types
from pathlib import Path


def harvester() -> type:
    """Return the harvester of ckanext-dcat, of which only the identity of a dataset is asked.

    What it imports of ckanext-harvest, which needs a server, are names.
    """
    names = {
        "ckanext.harvest": (),
        "ckanext.harvest.model": ("HarvestObject", "HarvestObjectExtra"),
        "ckanext.harvest.logic": (),
        "ckanext.harvest.logic.schema": ("unicode_safe",),
        "ckanext.harvest.harvesters": ("HarvesterBase",),
    }
    for name, members in names.items():
        sys.modules[name] = types.ModuleType(name)
        for member in members:
            setattr(sys.modules[name], member, type(member, (), {}))
    from ckanext.dcat.harvesters.rdf import DCATRDFHarvester

    return DCATRDFHarvester


def refused(tag: str) -> bool:
    from ckan.logic.validators import tag_length_validator, tag_name_validator
    from ckan.plugins.toolkit import Invalid

    try:
        tag_length_validator(tag, {})
        tag_name_validator(tag, {})
    except Invalid:
        return True
    return False


def harvested(path: str, form: str, kind: type) -> list[dict]:
    from ckan.lib.munge import munge_title_to_name
    from ckanext.dcat.processors import RDFParser

    parser = RDFParser(profiles=["euro_dcat_ap_3"])
    parser.parse(Path(path).read_text("utf-8"), _format=form)
    found = []
    try:
        for each in parser.datasets():
            each["munged"] = munge_title_to_name(each["title"]) if "title" in each else None
            each["refused"] = [tag["name"] for tag in each["tags"] if refused(tag["name"])]
            each["guid"] = kind._get_guid(kind(), {"name": each["munged"], **each})
            found.append(each)
    except AttributeError as error:
        # The harvest stops at such a dataset, and nothing of the file arrives.
        found.append({"stopped": str(error)})
    return found


def main() -> None:
    from ckan.common import config
    from ckan.lib.helpers import resource_formats
    from ckan.model.license import LicenseRegister

    logging.disable(logging.CRITICAL)
    # What a CKAN that is started has without being told.
    config["ckan.locale_default"] = "en"
    kind = harvester()
    pairs = zip(sys.argv[1::2], sys.argv[2::2], strict=True)
    sys.stdout.write(
        json.dumps(
            {
                "catalogs": {path: harvested(path, form, kind) for path, form in pairs},
                "formats": {key: value[1] for key, value in resource_formats().items()},
                "licences": {
                    key: [each.url, each.title] for key, each in LicenseRegister().items()
                },
                "megabytes": kind.DEFAULT_MAX_FILE_SIZE_MB,
            }
        )
    )


if __name__ == "__main__":
    main()
