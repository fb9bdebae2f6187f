"""What SHACL does not say of a catalogue, whichever portal reads it."""

from __future__ import annotations

from collections.abc import Iterator

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location
from expatlod.rehearse.addresses import is_private, is_reserved, parts
from expatlod.rehearse.finding import brief, called, fault
from expatlod.rehearse.graph import Graph, Node, Term, text
from expatlod.rehearse.source import BYTES, MEGABYTES, Source

__all__ = ["everywhere", "sampled", "unread"]

_ADDRESSES = ("dcat:accessURL", "dcat:downloadURL")
_CHAINS = ("dcat:inSeries", "dcat:prev", "dcat:next", "dcat:previousVersion", "dct:isVersionOf")
_AGENTS = ("dcat:contactPoint", "dct:publisher", "dct:creator")


# -- the file


def unread(source: Source) -> Iterator[Finding]:
    """Yield what is wrong with the file of *source*, read or not."""
    size = source.path.stat().st_size
    if size >= BYTES:
        yield fault(
            source.at,
            ERROR,
            "portal:size",
            (
                f"filen fylder {size / 1024 / 1024:.0f} MB; en høstning henter højst {MEGABYTES}",
                "del kataloget i sider med hydra:next; her er det ikke læst videre",
            ),
            (
                f"the file has {size / 1024 / 1024:.0f} MB; a harvest fetches {MEGABYTES} at most",
                "split the catalogue into pages with hydra:next; here it is not read further",
            ),
        )
    number = _not_utf8(source)
    if number:
        yield fault(
            Location(str(source.path), number, 1),
            ERROR,
            "portal:encoding",
            ("filen er ikke i UTF-8, og høstningen standser", "gem filen som UTF-8"),
            ("the file is not in UTF-8, and the harvest stops", "save the file as UTF-8"),
        )


def sampled(source: Source, judged: int) -> Iterator[Finding]:
    """Yield that the shapes were only asked about the first *judged* datasets of *source*."""
    number = len(source.graph.typed("dcat:Dataset"))
    yield fault(
        source.at,
        NOTE,
        "portal:sample",
        (
            f"formerne har set på de første {judged} af {number} datasæt",
            "prøv resten i filer for sig",
        ),
        (
            f"the shapes have looked at the first {judged} of {number} datasets",
            "rehearse the rest in files of their own",
        ),
    )


def _not_utf8(source: Source) -> int:
    """Return the first line that is not in UTF-8; 0 where there is none."""
    if not source.is_read:
        return 0
    with source.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.isascii():
                try:
                    line.decode()
                except UnicodeDecodeError:
                    return number
    return 0


# -- for every portal


def everywhere(source: Source) -> Iterator[Finding]:
    """Yield what no portal gets along with."""
    graph = source.graph
    if source.is_read and not source.findings and not graph.typed("dcat:Dataset"):
        yield fault(
            source.at,
            ERROR,
            "portal:none",
            (
                "der er intet datasæt i kataloget; det, der er høstet før, bliver slettet",
                "giv datasættet 'a dcat:Dataset'",
            ),
            (
                "there is no dataset in the catalogue; what was harvested before is deleted",
                "give the dataset 'a dcat:Dataset'",
            ),
        )
    yield from _pages(graph)
    yield from _addresses(source)
    yield from _mailboxes(graph)
    for name in _CHAINS:
        yield from _cycles(graph, name)


def _pages(graph: Graph) -> Iterator[Finding]:
    for kind in ("hydra:PartialCollectionView", "hydra:PagedCollection"):
        for node in graph.typed(kind):
            following = graph.first(node, "hydra:next") or graph.first(node, "hydra:nextPage")
            if following is not None:
                where = brief(text(following), 120)
                yield fault(
                    graph.at(node),
                    NOTE,
                    "portal:page",
                    (
                        f"kataloget fortsætter på '{where}', som ikke er med her",
                        "prøv hver side for sig",
                    ),
                    (
                        f"the catalogue goes on at '{where}', which is not seen here",
                        "rehearse each page by itself",
                    ),
                    node=node,
                    path="hydra:next",
                )


def _addresses(source: Source) -> Iterator[Finding]:
    graph, hosting = source.graph, source.hosting
    for dataset in graph.typed("dcat:Dataset"):
        for node in graph.objects(dataset, "dcat:distribution"):
            for name in _ADDRESSES:
                for value in graph.objects(node, name):
                    yield from _address(graph, node, name, value)
                    file = hosting.file(text(value)) if hosting else None
                    if file is not None and not file.is_file():
                        yield _missing(graph, node, name, value)


def _missing(graph: Graph, node: Term, name: str, value: Term) -> Finding:
    return fault(
        graph.at(node, name, value),
        ERROR,
        "portal:file",
        (
            f"der er ingen fil på adressen '{brief(text(value), 120)}'",
            "udgiv igen, eller ret adressen",
        ),
        (
            f"there is no file at the address '{brief(text(value), 120)}'",
            "publish again, or correct the address",
        ),
        node=node,
        path=name,
        value=text(value),
    )


def _address(graph: Graph, node: Term, name: str, value: Term) -> Iterator[Finding]:
    address = text(value)
    scheme, host = parts(address)
    shown = brief(address, 120)
    where = {"node": node, "path": name, "value": address}
    at = graph.at(node, name, value)
    if scheme not in ("http", "https") or not host:
        yield fault(
            at,
            WARNING,
            "portal:address",
            (f"'{shown}' er ingen adresse på nettet", "skriv en adresse med https://"),
            (f"'{shown}' is no address on the web", "write an address with https://"),
            **where,  # type: ignore[arg-type]
        )
    elif is_private(host):
        yield fault(
            at,
            ERROR,
            "portal:address",
            (
                f"'{shown}' kan kun nås på en enkelt maskine eller et lukket net",
                "skriv den adresse, som filen har for alle",
            ),
            (
                f"'{shown}' can only be reached on one machine or a closed network",
                "write the address that the file has for everybody",
            ),
            **where,  # type: ignore[arg-type]
        )
    elif is_reserved(host):
        yield fault(
            at,
            NOTE,
            "portal:address",
            (f"'{shown}' ligger i et domæne, som er forbeholdt eksempler", "skriv den rigtige"),
            (f"'{shown}' lies in a domain that is reserved for examples", "write the real one"),
            **where,  # type: ignore[arg-type]
        )
    elif scheme == "http":
        yield fault(
            at,
            NOTE,
            "portal:address",
            (f"'{shown}' er uden kryptering", "skriv https://, hvis serveren svarer der"),
            (f"'{shown}' is without encryption", "write https:// if the server answers there"),
            **where,  # type: ignore[arg-type]
        )


def _mailboxes(graph: Graph) -> Iterator[Finding]:
    seen: set[str] = set()
    for dataset in graph.typed("dcat:Dataset"):
        for role in _AGENTS:
            for node in graph.nodes(dataset, role):
                for name in ("vcard:hasEmail", "foaf:mbox"):
                    for value in graph.objects(node, name):
                        mail = text(value).removeprefix("mailto:")
                        if mail not in seen and is_reserved(mail.rpartition("@")[2]):
                            seen.add(mail)
                            yield _reserved_mail(graph, node, name, value, mail)


def _reserved_mail(graph: Graph, node: Node, name: str, value: Term, mail: str) -> Finding:
    return fault(
        graph.at(node, name, value),
        NOTE,
        "portal:mailbox",
        (
            f"'{brief(mail)}' ligger i et domæne, som er forbeholdt eksempler; ingen får svar",
            "skriv en postkasse, som nogen læser",
        ),
        (
            f"'{brief(mail)}' lies in a domain that is reserved for examples; nobody answers",
            "write a mailbox that somebody reads",
        ),
        node=node,
        path=name,
        value=mail,
    )


def _cycles(graph: Graph, name: str) -> Iterator[Finding]:
    """Yield where following *name* from a dataset leads back to it."""
    done: set[Term] = set()
    for start in (*graph.typed("dcat:Dataset"), *graph.typed("dcat:DatasetSeries")):
        walk: dict[Term, None] = {}
        node: Term | None = start
        while node is not None and node not in done and node not in walk:
            walk[node] = None
            node = graph.first(node, name)
        if node is not None and node in walk:
            yield fault(
                graph.at(node, name),
                WARNING,
                "portal:series",
                (
                    f"{name} fører fra {called(node)} tilbage til det selv",
                    "lad kæden ende ved den første udgave",
                ),
                (
                    f"{name} leads from {called(node)} back to itself",
                    "let the chain end at the first release",
                ),
                node=node,
                path=name,
            )
        done.update(walk)
