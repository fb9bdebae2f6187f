"""The words of the pages themselves, and how numbers, sizes and days are written, by language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace

from expatlod.errors import LANGUAGES, Text

__all__ = ["WORDS", "day", "number", "other", "size", "words"]

_MONTHS: Mapping[str, str] = {
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "en": "January February March April May June July August September October November December",
}

#: The decimal mark and the mark between thousands.
_MARKS: Mapping[str, tuple[str, str]] = {"da": (",", "."), "en": (".", ",")}


def words(lang: str) -> SimpleNamespace:
    """Return the words of the pages in *lang*, by name."""
    return SimpleNamespace(**{name: text[lang] for name, text in WORDS.items()})


def other(lang: str) -> str:
    """Return the language that a page in *lang* links to.

    >>> other("da")
    'en'
    """
    return next(each for each in LANGUAGES if each != lang)


def number(value: int, lang: str) -> str:
    """Return *value* with a mark between the thousands.

    >>> number(12345, "da"), number(12345, "en")
    ('12.345', '12,345')
    """
    return f"{value:,}".replace(",", _MARKS[lang][1])


def size(count: int, lang: str) -> str:
    """Return a size of so many bytes with three digits at most, in powers of 1000.

    >>> size(999, "en"), size(1234567, "da"), size(999999, "en")
    ('999 B', '1,2 MB', '1 MB')
    """
    value, names = float(count), iter(("kB", "MB", "GB", "TB", "PB"))
    name = "B"
    while round(value) >= 1000 and (larger := next(names, "")):
        value, name = value / 1000, larger
    text = f"{value:.1f}" if value < 9.95 and name != "B" else f"{value:.0f}"
    return f"{text.removesuffix('.0').replace('.', _MARKS[lang][0])} {name}"


def day(moment: datetime, lang: str) -> str:
    """Return the day of *moment* in UTC, in words.

    >>> day(datetime(2026, 11, 2, tzinfo=UTC), "da"), day(datetime(2026, 11, 2, tzinfo=UTC), "en")
    ('2. november 2026', '2 November 2026')
    """
    moment = moment.astimezone(UTC)
    point = "." if lang == "da" else ""
    return f"{moment.day}{point} {_MONTHS[lang].split()[moment.month - 1]} {moment.year}"


#: Name -> words in each language.
WORDS: Mapping[str, Text] = {
    # On every page
    "skip": {"da": "Gå til indholdet", "en": "Skip to the content"},
    "this_language": {"da": "Dansk", "en": "English"},
    "other_language": {"da": "English", "en": "Dansk"},
    "languages": {"da": "Sprog", "en": "Languages"},
    "made_with": {"da": "Lavet med expatlod {version}.", "en": "Made with expatlod {version}."},
    "licence": {"da": "Licens", "en": "Licence"},
    "version": {"da": "Version", "en": "Version"},
    "version_iri": {"da": "Denne versions IRI", "en": "IRI of this version"},
    "published": {"da": "Udgivet", "en": "Published"},
    "publisher": {"da": "Udgiver", "en": "Publisher"},
    "creator": {"da": "Ophav", "en": "Creator"},
    "cite": {"da": "Sådan henvises der", "en": "How to cite"},
    "facts": {"da": "Oplysninger", "en": "Facts"},
    "none": {"da": "ingen", "en": "none"},
    # The ontology
    "ontology_fallback": {"da": "Ontologien", "en": "The ontology"},
    "contents": {"da": "Indhold", "en": "Contents"},
    "namespace": {"da": "Navnerum", "en": "Namespace"},
    "namespaces": {"da": "Navnerum og præfikser", "en": "Namespaces and prefixes"},
    "prefix": {"da": "Præfiks", "en": "Prefix"},
    "iri": {"da": "IRI", "en": "IRI"},
    "files": {"da": "Filer", "en": "Files"},
    "to_release": {"da": "Udgivelsen, som dette hører til", "en": "The release this belongs to"},
    "context_intro": {
        "da": "Nøglerne i posterne bliver til egenskaber gennem konteksten",
        "en": "The keys of the records become properties through the context",
    },
    "context_name": {"da": "JSON-LD-kontekst", "en": "JSON-LD context"},
    "also_described": {
        "da": "Andre dele, der også er beskrevet her",
        "en": "Other parts that are described here too",
    },
    "diagram": {"da": "Diagram over klasserne", "en": "Diagram of the classes"},
    "diagram_of": {
        "da": "Diagram over klasserne: {title}",
        "en": "Diagram of the classes: {title}",
    },
    "diagram_alone": {"da": "Diagrammet for sig", "en": "The diagram by itself"},
    "diagram_says": {
        "da": "{count} klasser. {edges}",
        "en": "{count} classes. {edges}",
    },
    "diagram_edge": {
        "da": "Fra {source}: {targets}.",
        "en": "From {source}: {targets}.",
    },
    "diagram_legend": {
        "da": "Hver boks er en klasse med sine felter. Et felt, der peger på en anden klasse, har "
        "en linje til den; en prik er der, hvor linjer mødes. Fed skrift: feltet skal udfyldes. "
        "Bokse med dobbelt kant er poster, de andre er dele af poster.",
        "en": "Each box is a class with its fields. A field that points at another class has a "
        "line to it; a dot is where lines meet. Bold: the field is required. Boxes with a double "
        "edge are records, the others are parts of records.",
    },
    "diagram_back": {
        "da": "Pilen ↖ står ved et felt, hvis klasse er tegnet længere til venstre.",
        "en": "The arrow ↖ stands at a field whose class is drawn further to the left.",
    },
    "diagram_more": {"da": "+ {count} felter", "en": "+ {count} fields"},
    "short_text": {"da": "tekst", "en": "text"},
    "short_date": {"da": "dato", "en": "date"},
    "short_time": {"da": "tid", "en": "time"},
    "short_number": {"da": "tal", "en": "number"},
    "short_boolean": {"da": "ja/nej", "en": "yes/no"},
    "short_link": {"da": "adresse", "en": "address"},
    "classes": {"da": "Klasser", "en": "Classes"},
    "records": {"da": "Poster", "en": "Records"},
    "parts": {"da": "Dele af poster", "en": "Parts of records"},
    "other_classes": {"da": "Andre klasser", "en": "Other classes"},
    "class": {"da": "Klasse", "en": "Class"},
    "property": {"da": "Egenskab", "en": "Property"},
    "properties": {"da": "Egenskaber", "en": "Properties"},
    "individual_group": {"da": "Enkeltting", "en": "Individuals"},
    "definition": {"da": "Definition", "en": "Definition"},
    "superclasses": {"da": "Underklasse af", "en": "Subclass of"},
    "subclasses": {"da": "Underklasser", "en": "Subclasses"},
    "superproperties": {"da": "Underegenskab af", "en": "Subproperty of"},
    "inverse": {"da": "Omvendt af", "en": "Inverse of"},
    "domain": {"da": "Findes på", "en": "Domain"},
    "range": {"da": "Værdier", "en": "Range"},
    "features": {"da": "Art", "en": "Kind"},
    "ObjectProperty": {"da": "henvisning", "en": "object property"},
    "DatatypeProperty": {"da": "dataegenskab", "en": "datatype property"},
    "AnnotationProperty": {"da": "annotation", "en": "annotation property"},
    "FunctionalProperty": {"da": "højst én værdi", "en": "functional"},
    "InverseFunctionalProperty": {"da": "højst ét emne", "en": "inverse functional"},
    "TransitiveProperty": {"da": "transitiv", "en": "transitive"},
    "SymmetricProperty": {"da": "symmetrisk", "en": "symmetric"},
    "see_also": {"da": "Se også", "en": "See also"},
    "deprecated": {"da": "Udgået", "en": "Deprecated"},
    "used_in": {"da": "Bruges i", "en": "Used in"},
    "segment": {"da": "Posternes IRI", "en": "IRI of the records"},
    "fields": {"da": "Felter", "en": "Fields"},
    "fields_of": {"da": "Felterne i {name}", "en": "The fields of {name}"},
    "field": {"da": "Felt", "en": "Field"},
    "key": {"da": "nøgle", "en": "key"},
    "how_many": {"da": "Antal", "en": "How many"},
    "takes": {"da": "Indhold", "en": "Content"},
    "help": {"da": "Hjælp", "en": "Help"},
    "example": {"da": "Eksempel", "en": "Example"},
    "required": {"da": "skal udfyldes", "en": "required"},
    "wanted": {"da": "bør udfyldes", "en": "recommended"},
    "optional": {"da": "kan udelades", "en": "optional"},
    "one": {"da": "én værdi", "en": "one value"},
    "several": {"da": "flere værdier", "en": "several values"},
    "at_most": {"da": "højst {count} værdier", "en": "at most {count} values"},
    "in_each_language": {"da": "på hvert sprog", "en": "in each language"},
    "computed": {"da": "beregnes", "en": "computed"},
    "text_in": {"da": "tekst på {names}", "en": "text in {names}"},
    "and_": {"da": " og ", "en": " and "},
    "language_da": {"da": "dansk", "en": "Danish"},
    "language_en": {"da": "engelsk", "en": "English"},
    "text": {"da": "tekst på flere sprog", "en": "text in several languages"},
    "code_of": {"da": "kode fra", "en": "code of"},
    "part_of_kind": {"da": "del:", "en": "part:"},
    "reference_to": {"da": "henvisning til", "en": "reference to"},
    "any_iri": {"da": "adresse (IRI)", "en": "address (IRI)"},
    "from_": {"da": "fra {limit}", "en": "from {limit}"},
    "to": {"da": "til {limit}", "en": "to {limit}"},
    "at_least_characters": {"da": "mindst {count} tegn", "en": "at least {count} characters"},
    "at_most_characters": {"da": "højst {count} tegn", "en": "at most {count} characters"},
    "default": {"da": "Ellers", "en": "Otherwise"},
    "rules": {"da": "Regler", "en": "Rules"},
    "Violation": {"da": "fejl", "en": "error"},
    "Warning": {"da": "advarsel", "en": "warning"},
    "Info": {"da": "bemærkning", "en": "note"},
    "written_as": {"da": "Kan skrives kort", "en": "Can be written briefly"},
    "codelists": {"da": "Kodelister", "en": "Codelists"},
    "codes_of": {"da": "Koderne i {name}", "en": "The codes of {name}"},
    "code": {"da": "Kode", "en": "Code"},
    "code_count": {"da": "{count} koder", "en": "{count} codes"},
    "below": {"da": "{name}: {count} under", "en": "{name}: {count} below"},
    "label": {"da": "Navn", "en": "Name"},
    "label_elsewhere": {"da": "Navn på engelsk", "en": "Name in Danish"},
    "matches": {"da": "Svarer til", "en": "Matches"},
    "use_note": {"da": "Om brugen", "en": "On its use"},
    "history_note": {"da": "Historie", "en": "History"},
    "sources": {"da": "Kilder", "en": "Sources"},
    "alignments": {"da": "Tilknytning til andre ordforråd", "en": "Alignments"},
    "aligned_as": {"da": "Hvor nær", "en": "How near"},
    "aligned_to": {"da": "Andet ord", "en": "Other term"},
    "term": {"da": "Ord", "en": "Term"},
    "exactMatch": {"da": "samme som", "en": "the same as"},
    "closeMatch": {"da": "næsten som", "en": "close to"},
    "broadMatch": {"da": "snævrere end", "en": "narrower than"},
    "narrowMatch": {"da": "bredere end", "en": "broader than"},
    "relatedMatch": {"da": "beslægtet med", "en": "related to"},
    "equivalentClass": {"da": "samme klasse som", "en": "the same class as"},
    "equivalentProperty": {"da": "samme egenskab som", "en": "the same property as"},
    "sameAs": {"da": "det samme som", "en": "the same thing as"},
    "in_all": {"da": "{count} i alt", "en": "{count} in all"},
    # The release
    "release_of": {"da": "Version {version} fra {day}", "en": "Version {version} of {day}"},
    "previous": {"da": "Forrige version", "en": "Previous version"},
    "previous_none": {"da": "Dette er den første.", "en": "This is the first one."},
    "changes": {"da": "Ændringer", "en": "Changes"},
    "changes_all": {"da": "Alle ændringer", "en": "All changes"},
    "records_in": {
        "da": "{records} poster, {triples} tripler",
        "en": "{records} records, {triples} triples",
    },
    "content": {"da": "Omfang", "en": "Content"},
    "ask_the_publisher": {"da": "Spørgsmål og rettelser", "en": "Questions and corrections"},
    "dataset_iri": {"da": "Datasættets IRI", "en": "IRI of the dataset"},
    "downloads": {"da": "Hent data", "en": "Download the data"},
    "downloads_caption": {
        "da": "Hver fil rummer alle data.",
        "en": "Each file holds all of the data.",
    },
    "file": {"da": "Fil", "en": "File"},
    "syntax": {"da": "Syntaks", "en": "Syntax"},
    "compression": {"da": "Pakket", "en": "Compression"},
    "compression_none": {"da": "nej", "en": "none"},
    "size": {"da": "Størrelse", "en": "Size"},
    "checksum": {"da": "Kontrolsum (SHA-256)", "en": "Checksum (SHA-256)"},
    "ask": {"da": "Stil et spørgsmål", "en": "Ask a question"},
    "ask_how": {
        "da": "Hvert spørgsmål er en SPARQL-forespørgsel, som kan stilles til data med kommandoen",
        "en": "Each question is a SPARQL query that the data can be asked with the command",
    },
    "ask_name": {"da": "NAVN", "en": "NAME"},
    "answer": {"da": "svar", "en": "answer"},
    "answer_to": {"da": "svar på {name}", "en": "answer to {name}"},
    "more": {"da": "Mere om data", "en": "More about the data"},
    "more_ontology": {
        "da": "Ontologien: klasser, egenskaber og kodelister",
        "en": "The ontology: classes, properties and codelists",
    },
    "more_shapes": {
        "da": "Reglerne, som data er kontrolleret efter (SHACL)",
        "en": "The rules that the data was checked against (SHACL)",
    },
    "more_void": {
        "da": "Hvor meget der er af hvad (VoID)",
        "en": "How much there is of what (VoID)",
    },
    "more_catalog": {"da": "Katalogpost (DCAT-AP)", "en": "Catalogue record (DCAT-AP)"},
    "more_provenance": {
        "da": "Hvordan udgivelsen blev til (PROV)",
        "en": "How the release was made (PROV)",
    },
    "more_readme": {"da": "Læs mig", "en": "Read me"},
    "more_manifest": {
        "da": "Størrelse og kontrolsum for hver fil",
        "en": "Size and checksum of each file",
    },
    "more_signature": {"da": "Underskrift", "en": "Signature"},
    # All releases
    "all_releases": {"da": "Alle udgivelser", "en": "All releases"},
    "newest": {"da": "Nyeste udgivelse", "en": "Newest release"},
    "feed": {"da": "Følg med (Atom)", "en": "Follow (Atom)"},
    "series": {"da": "Udgivelserne som data (DCAT)", "en": "The releases as data (DCAT)"},
    "notes": {"da": "Hvad der er nyt", "en": "What is new"},
}
