"""What can be wrong with a release, in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from expatlod.errors import ERROR, NOTE, Finding, Location, Text

__all__ = ["fault", "note"]

_AGAIN: Text = {
    "da": "hent udgivelsen igen, eller udgiv igen; ret aldrig i en fil, der er udgivet",
    "en": "fetch the release again, or publish again; never edit a file that is published",
}
_ANEW: Text = {
    "da": "udgiv igen; det, der er udgivet, passer ikke sammen",
    "en": "publish again; what is published does not fit together",
}
_CUT: Text = {
    "da": "slet den, eller flyt den væk; det, en udgivelse ikke nævner, står ingen inde for",
    "en": "delete it or move it away; nobody vouches for what a release does not list",
}
_ASK: Text = {
    "da": "hent udgivelsen igen fra udgiveren, og spørg efter nøglen dér",
    "en": "fetch the release again from its publisher, and ask there for the key",
}

#: The code of each fault with what it says in each language, and what to do.
_FAULTS: Mapping[str, tuple[Text, Text]] = {
    "release:listing": (
        {"da": "listen over udgivelser passer ikke: {why_da}", "en": "the list of releases: {why}"},
        _ANEW,
    ),
    "release:manifest": (
        {"da": "indholdslisten: {why_da}", "en": "the manifest: {why}"},
        _AGAIN,
    ),
    "release:chain": (
        {"da": "rækken af udgivelser er brudt: {why_da}", "en": "the chain is broken: {why}"},
        _ANEW,
    ),
    "release:path": (
        {
            "da": "nævner '{path}', som ikke er en sti inde i mappen, eller som er nævnt før",
            "en": "lists '{path}', which is no path inside the folder, or is listed before",
        },
        {
            "da": "brug ikke denne udgivelse; ingen fil er læst på den sti",
            "en": "do not use this release; no file was read at that path",
        },
    ),
    "release:missing": (
        {"da": "filen mangler; den er nævnt i {by}", "en": "the file is missing; {by} lists it"},
        _AGAIN,
    ),
    "release:extra": (
        {"da": "er ikke nævnt i {by}", "en": "is not listed in {by}"},
        _CUT,
    ),
    "release:kind": (
        {
            "da": "er et symbolsk link eller noget andet, der ikke er en fil",
            "en": "is a symbolic link, or something else that is no file",
        },
        {
            "da": "sæt selve filen her; et link kan føre ud af udgivelsen",
            "en": "put the file itself here; a link can lead out of the release",
        },
    ),
    "release:changed": (
        {
            "da": "filen er ændret: {found}, ikke {said}",
            "en": "the file has changed: {found}, not {said}",
        },
        _AGAIN,
    ),
    "release:latest": (
        {
            "da": "er ikke det samme som i den nyeste udgivelse, {newest}",
            "en": "is not the same as in the newest release, {newest}",
        },
        _ANEW,
    ),
    "release:syntax": (
        {"da": "filen kan ikke læses: {why}", "en": "the file cannot be read: {why}"},
        _ANEW,
    ),
    "release:size": (
        {
            "da": "læses ikke, den er for stor: {why_da}",
            "en": "is not read, it is too large: {why}",
        },
        {
            "da": "er det rigtigt, så pak den ud, eller del den, og kontrollér den selv",
            "en": "if that is right, unpack or split it and check it yourself",
        },
    ),
    "release:triples": (
        {
            "da": "har {found} tripler; {by} siger {said}",
            "en": "holds {found} triples; {by} says {said}",
        },
        _ANEW,
    ),
    "release:graph": (
        {
            "da": "indeholder ikke de samme tripler som {other}: {found}, ikke {said}",
            "en": "does not hold the same triples as {other}: {found}, not {said}",
        },
        _ANEW,
    ),
    "release:undescribed": (
        {
            "da": "bruger <{iri}>, som intet i udgivelsen beskriver, og som ikke er en fil i den",
            "en": "uses <{iri}>, which nothing in the release describes and which is no file in it",
        },
        {
            "da": "ret navnet, eller beskriv det, og udgiv igen",
            "en": "correct the name, or describe what it names, and publish again",
        },
    ),
    "release:link": (
        {
            "da": "linket '{link}' fører ikke til noget i udgivelsen",
            "en": "the link '{link}' leads to nothing in the release",
        },
        _ANEW,
    ),
    "release:catalog": (
        {
            "da": "siger om {file}: {found}; {by_da} siger {said}",
            "en": "says of {file}: {found}; {by} says {said}",
        },
        _ANEW,
    ),
    "release:signature": (
        {"da": "underskriften gælder ikke: {why}", "en": "the signature is not good: {why}"},
        _ASK,
    ),
    "release:unsigned": (
        {
            "da": "udgivelsen er ikke underskrevet, og der er bedt om en underskrift med --signer",
            "en": "the release is not signed, and --signer asks for a signature",
        },
        _ASK,
    ),
}

_NOTES: Mapping[str, tuple[Text, Text]] = {
    "release:signer": (
        {
            "da": "underskrevet med {fingerprint}; om nøglen er udgiverens, er ikke kontrolleret",
            "en": "signed by {fingerprint}; whether that is the publisher's key was not checked",
        },
        {
            "da": "angiv den nøgle, du stoler på, med --signer",
            "en": "name the key you trust with --signer",
        },
    ),
    "release:alone": (
        {
            "da": "intet står inde for denne indholdsliste: den er ikke underskrevet, og der er "
            "ingen liste over udgivelser ved siden af",
            "en": "nothing vouches for this manifest: it is not signed, and no list of releases "
            "stands beside it",
        },
        {
            "da": "kontrollér hele det, der er udgivet, eller en underskrift",
            "en": "verify the whole of what was published, or a signature",
        },
    ),
}


def fault(code: str, at: Path, line: int = 0, **values: object) -> Finding:
    """Return the finding with this code about the file *at* a path; *values* go into its message.

    *why_da* is *why* in Danish, where it is not a program's own words.
    """
    return _finding(ERROR, code, _FAULTS[code], at, line, values)


def note(code: str, at: Path, **values: object) -> Finding:
    """Return what is worth knowing of the file *at* a path, and no fault."""
    return _finding(NOTE, code, _NOTES[code], at, 0, values)


def _finding(
    severity: str,
    code: str,
    texts: tuple[Text, Text],
    at: Path,
    line: int,
    values: Mapping[str, object],
) -> Finding:
    message = {language: text.format_map(values) for language, text in texts[0].items()}
    column = 1 if line else 0
    return Finding(Location(str(at), line, column), severity, code, message, texts[1])
