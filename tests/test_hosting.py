"""Published files on real web servers: each answers with its type, each IRI leads somewhere."""

from __future__ import annotations

import getpass
import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest

from expatlod.dumps import Entry
from expatlod.hosting import hosting
from expatlod.profile import Model, load
from expatlod.resources import Folder

APACHE, NGINX = "/usr/sbin/apache2", "/usr/sbin/nginx"
MODULES = Path("/usr/lib/apache2/modules")

BASE = "https://data.example.org/"
DATASET = f"{BASE}id/dataset/harbours"

DUMPS = [
    Entry("dump/harbours.ttl.gz", "text/turtle", 1, "", "gzip"),
    Entry("dump/harbours.ttl", "text/turtle", 1, "", "none"),
    Entry("dump/harbours.nt.zst", "application/n-triples", 1, "", "zstd"),
    Entry("dump/harbours.jsonld", "application/ld+json", 1, "", "none"),
]

TURTLE = b"<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n"

#: What stands in a site, with the media type that it is to come with.
FILES = {
    "index.html": "text/html; charset=utf-8",
    "feed.atom": "application/atom+xml",
    "releases.json": "application/json",
    "series.ttl": "text/turtle; charset=utf-8",
    "latest/index.html": "text/html; charset=utf-8",
    "latest/index.en.html": "text/html; charset=utf-8",
    "latest/catalog.ttl": "text/turtle; charset=utf-8",
    "latest/catalog.jsonld": "application/ld+json",
    "latest/catalog.rdf": "application/rdf+xml",
    "latest/manifest.json": "application/json",
    "latest/manifest.json.sig": "text/plain; charset=utf-8",
    "latest/CHANGES.md": "text/markdown; charset=utf-8",
    "latest/dump/harbours.ttl": "text/turtle; charset=utf-8",
    "latest/dump/harbours.ttl.gz": "application/gzip",
    "latest/dump/harbours.nt": "application/n-triples",
    "latest/dump/harbours.nt.zst": "application/zstd",
    "latest/dump/harbours.jsonld": "application/ld+json",
    "latest/ontology/harbour.ttl": "text/turtle; charset=utf-8",
    "latest/ontology/context.jsonld": "application/ld+json",
    "latest/ontology/index.html": "text/html; charset=utf-8",
    "latest/ontology/index.en.html": "text/html; charset=utf-8",
    "latest/ontology/diagram.da.svg": "image/svg+xml",
    "latest/ontology/codes/hull.ttl": "text/turtle; charset=utf-8",
    "latest/ontology/codes/sureness.ttl": "text/turtle; charset=utf-8",
    "latest/queries/01-boats.rq": "application/sparql-query",
    "latest/queries/examples.ttl": "text/turtle; charset=utf-8",
    "latest/queries/01-boats.csv": "text/csv; charset=utf-8",
    "releases/2026-01-02/catalog.ttl": "text/turtle; charset=utf-8",
}


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The second profile, whose ontology and codelists have the base of its dataset."""
    folder = tmp_path_factory.mktemp("profile") / "profile"
    shutil.copytree(Path(__file__).parent / "profile", folder)
    for path in [*folder.rglob("*.ttl"), folder / "ontology" / "context.jsonld"]:
        text = path.read_text("utf-8").replace("https://example.org/harbour/", BASE)
        path.write_text(text, "utf-8")
    return load(Folder(folder))


def write_site(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(TURTLE if path.endswith((".ttl", ".nt")) else path.encode())
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


# -- servers


@dataclass(frozen=True)
class Served:
    """A folder on a server on this machine."""

    address: str

    def get(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection):
            connection.request(method, f"{parts.path}{path}", headers=fields)
            response = connection.getresponse()
            response.body = response.read()  # type: ignore[attr-defined]
            return response

    def leads(self, path: str, **headers: str) -> tuple[int, str]:
        """Where the asker is sent."""
        response = self.get(path, **headers)
        return response.status, response.headers.get("Location", "")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def started(command: list[str | Path], port: int, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output)
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return server
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def needed(program: str, package: str) -> None:
    assert Path(program).is_file(), f"{program} is missing; `make test` installs {package}"


@pytest.fixture(scope="module")
def apache(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Mapping[str, Path]], Served]]:
    """Start Apache on folders, by the path that each is served at."""
    needed(APACHE, "apache2")
    servers = []

    def serve(folders: Mapping[str, Path]) -> Served:
        home, port = tmp_path_factory.mktemp("apache"), free_port()
        names = "mpm_event authz_core dir mime alias negotiation headers rewrite setenvif autoindex"
        user = ["User www-data", "Group www-data"] if getpass.getuser() == "root" else []
        home.chmod(0o755)
        lines = [
            *(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in names.split()),
            *user,
            f'ServerRoot "{home}"',
            "ServerName localhost",
            f'PidFile "{home}/pid"',
            f"Listen 127.0.0.1:{port}",
            f'ErrorLog "{home}/error.log"',
            f'DocumentRoot "{home}"',
            "TypesConfig /etc/mime.types",
            # As Debian and many hosts have it, and as it must not work on dumps.
            "AddEncoding x-gzip .gz",
            *(f'Alias "{at}" "{folder}/"' for at, folder in folders.items()),
        ]
        for folder in folders.values():
            lines += [
                f'<Directory "{folder}">',
                "AllowOverride All",
                "Options FollowSymLinks",
                "Require all granted",
                "</Directory>",
            ]
        (home / "conf").write_text("\n".join(lines) + "\n")
        log = home / "out.log"
        servers.append(started([APACHE, "-DFOREGROUND", "-f", home / "conf"], port, log))
        return Served(f"http://127.0.0.1:{port}")

    yield serve
    for server in servers:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that servers can read which root starts, and which then are somebody else."""
    folder = tmp_path_factory.mktemp("public")
    if getpass.getuser() == "root":
        for each in (folder, *folder.parents):
            if not each.stat().st_mode & 0o005:
                each.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def own(apache: Callable[[Mapping[str, Path]], Served], harbours: Model, public: Path) -> Served:
    """A site at its own base: its IRIs are looked up there."""
    files = hosting(harbours, dataset=DATASET, dumps=DUMPS, base=BASE, site=BASE)
    return apache({"/": write_site(public / "own", files)})


@pytest.fixture(scope="module")
def sent_on(
    apache: Callable[[Mapping[str, Path]], Served], harbours: Model, public: Path
) -> Served:
    """The base alone, from where all is sent to the site."""
    files = hosting(
        harbours, dataset=DATASET, dumps=DUMPS, base=BASE, site="https://files.example.org/h/"
    )
    folder = write_site(public / "sent-on", files)
    return apache({"/harbours/": folder / "w3id", "/h/": folder})


# -- a site on Apache


@pytest.mark.parametrize("path", FILES)
def test_apache_serves_each_file_with_its_type(own: Served, path: str) -> None:
    response = own.get(path="/" + path)

    assert response.status == 200
    assert response.headers["Content-Type"] == FILES[path]
    assert response.headers["Content-Encoding"] is None
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_apache_serves_the_page_of_a_folder(own: Served) -> None:
    assert own.get("/latest/").body == b"latest/index.html"  # type: ignore[attr-defined]


# What firefox, rdflib, Jena, a JSON-LD processor and curl send.
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
RDFLIB = "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,*/*;q=0.3"
JSONLD = "application/ld+json;profile=http://www.w3.org/ns/json-ld#context, application/json"
ANY = "*/*"

LEADS = [
    ("ontology", BROWSER, "ontology/index.html"),
    ("ontology", JENA, "ontology/harbour.ttl"),
    ("ontology", ANY, "ontology/harbour.ttl"),
    ("ontology/", JENA, "ontology/harbour.ttl"),
    ("code/hull", BROWSER, "ontology/index.html"),
    ("code/hull", JENA, "ontology/codes/hull.ttl"),
    ("code/hull/catamaran", BROWSER, "ontology/index.html"),
    ("code/hull/catamaran", JENA, "ontology/codes/hull.ttl"),
    ("code/sureness/x", ANY, "ontology/codes/sureness.ttl"),
    ("context", JSONLD, "ontology/context.jsonld"),
    ("context.jsonld", BROWSER, "ontology/context.jsonld"),
    ("shape", BROWSER, "index.html"),
    ("query/01-boats", BROWSER, "queries/01-boats.rq"),
    ("query/01-boats", JENA, "queries/examples.ttl"),
    ("query/prefixes", ANY, "queries/examples.ttl"),
    ("id/dataset/harbours", BROWSER, "index.html"),
    ("id/dataset/harbours", ANY, "index.html"),
    ("id/dataset/harbours", JENA, "catalog.ttl"),
    ("id/dataset/harbours", JSONLD, "catalog.jsonld"),
    ("id/dataset/harbours", RDFLIB, "catalog.rdf"),
    ("id/dataset/harbours", "text/turtle;q=0, application/rdf+xml", "catalog.rdf"),
    ("id/dataset/harbours", "TEXT/TURTLE", "catalog.ttl"),
    ("id/dataset/harbours", "application/json", "catalog.jsonld"),
    ("id/boat/viking", BROWSER, "index.html"),
    ("id/boat/viking", JENA, "dump/harbours.ttl"),
    ("id/boat/viking", JSONLD, "dump/harbours.jsonld"),
    ("id/boat/viking", "application/n-triples", "dump/harbours.nt.zst"),
    ("id/boat/viking", RDFLIB, "index.html"),
]


@pytest.mark.parametrize(("path", "accept", "file"), LEADS)
def test_iri_leads_to_the_file_that_says_it(
    own: Served, sent_on: Served, path: str, accept: str, file: str
) -> None:
    assert own.leads(f"/{path}", Accept=accept) == (303, f"{own.address}/latest/{file}")
    assert sent_on.leads(f"/harbours/{path}", Accept=accept) == (
        303,
        f"https://files.example.org/h/latest/{file}",
    )


@pytest.mark.parametrize("path", sorted({path for path, _, _ in LEADS}))
def test_what_an_iri_leads_to_is_there(own: Served, path: str) -> None:
    _, address = own.leads(f"/{path}", Accept=JENA)

    assert own.get(urlsplit(address).path).status == 200


@pytest.mark.parametrize(
    ("language", "page"),
    [
        pytest.param("da", "index.html", id="danish"),
        pytest.param("da-DK,da;q=0.9,en;q=0.5", "index.html", id="danish-first"),
        pytest.param("en", "index.en.html", id="english"),
        pytest.param("de-DE, da;q=0.5", "index.en.html", id="german"),
        pytest.param("*", "index.html", id="any"),
    ],
)
def test_page_is_in_the_language_of_its_reader(own: Served, language: str, page: str) -> None:
    for path, folder in (("ontology", "ontology/"), ("id/dataset/harbours", "")):
        _, address = own.leads(f"/{path}", Accept=BROWSER, Accept_Language=language)
        assert address == f"{own.address}/latest/{folder}{page}"


def test_redirect_may_be_followed_by_pages_of_others_and_kept_apart(sent_on: Served) -> None:
    headers = sent_on.get("/harbours/ontology", Accept=JENA).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert {each.strip() for each in headers["Vary"].split(",")} >= {"Accept", "Accept-Language"}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "latest/catalog.ttl",
        "releases/2026-01-02/",
        "releases/2026-01-02/dump/a.nt",
        "feed.atom",
    ],
)
def test_files_are_sent_on_as_they_are_asked_for(sent_on: Served, path: str) -> None:
    for accept in (BROWSER, JENA):
        assert sent_on.leads(f"/harbours/{path}", Accept=accept) == (
            303,
            f"https://files.example.org/h/{path}",
        )


@pytest.mark.parametrize("path", ["nothing", "id/boat", "id/nobody/x", "code/hull/a/b", "code/x"])
def test_what_there_is_not_is_not_found(own: Served, sent_on: Served, path: str) -> None:
    assert own.get(f"/{path}").status == 404
    assert sent_on.get(f"/harbours/{path}").status == 404


# -- what is written


def test_site_at_its_own_base_sends_nobody_to_itself(harbours: Model) -> None:
    files = hosting(harbours, dataset=DATASET, dumps=DUMPS, base=BASE, site=BASE)

    assert sorted(files) == [".htaccess", ".nojekyll"]


def test_profile_of_another_is_left_to_them(model: Model) -> None:
    files = hosting(model, dataset=DATASET, dumps=DUMPS, base=BASE, site="https://example.org/")

    text = files["w3id/.htaccess"].decode()
    assert "ontology/expatlod.ttl" not in text
    assert "RewriteRule ^(?:id/dataset/harbours)/?$ https://example.org/latest/" in text


def test_readme_of_w3id_tells_the_folder_and_names_nobody(model: Model) -> None:
    base = "https://w3id.org/harbours/"
    files = hosting(
        model, dataset=f"{base}id/dataset/a", dumps=DUMPS, base=base, site="https://example.org/"
    )

    text = files["w3id/README.md"].decode()
    assert text.startswith("# harbours\n")
    assert "Put this folder as `harbours/` into https://github.com/perma-id/w3id.org" in text
    assert text.endswith("- Maintainers:\n")


def test_order_of_the_dumps_does_not_matter(harbours: Model) -> None:
    first, second = (
        hosting(harbours, dataset=DATASET, dumps=dumps, base=BASE, site="https://example.org/")
        for dumps in (DUMPS, DUMPS[::-1])
    )

    assert first == second


# -- servers that know nothing of us


@pytest.fixture(scope="module")
def plain(harbours: Model, public: Path) -> Path:
    files = hosting(harbours, dataset=DATASET, dumps=DUMPS, base=BASE, site=BASE)
    return write_site(public / "plain", files)


@pytest.fixture(scope="module")
def nginx(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """nginx with the types it comes with."""
    needed(NGINX, "nginx")
    home, port = tmp_path_factory.mktemp("nginx"), free_port()
    user = "user www-data;" if getpass.getuser() == "root" else ""
    (home / "conf").write_text(
        f"{user} daemon off; pid {home}/pid; error_log {home}/error.log; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; default_type application/octet-stream;\n"
        f"access_log off; client_body_temp_path {home}/a; proxy_temp_path {home}/b;\n"
        f"fastcgi_temp_path {home}/c; uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;\n"
        f"server {{ listen 127.0.0.1:{port}; root {plain}; }} }}\n"
    )
    server = started([NGINX, "-c", home / "conf", "-p", home], port, home / "log")
    yield Served(f"http://127.0.0.1:{port}")
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def python(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Python's own server."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1", "-d", plain]
    server = started(command, port, tmp_path_factory.mktemp("python") / "log")
    yield Served(f"http://127.0.0.1:{port}")
    server.terminate()
    server.wait()


@pytest.mark.parametrize("name", ["own", "nginx", "python"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_file_answers(request: pytest.FixtureRequest, name: str, method: str) -> None:
    server: Served = request.getfixturevalue(name)

    assert {path: server.get(f"/{path}", method).status for path in FILES} == dict.fromkeys(
        FILES, 200
    )


@pytest.mark.parametrize("name", ["nginx", "python"])
def test_rdf_is_read_by_its_ending_where_the_server_does_not_know_its_type(
    request: pytest.FixtureRequest, name: str
) -> None:
    server: Served = request.getfixturevalue(name)

    response = server.get("/latest/catalog.ttl")

    assert response.headers.get_content_type() in ("application/octet-stream", "text/turtle")
    syntax = ox.RdfFormat.from_extension("ttl")
    assert len(list(ox.parse(response.body, format=syntax))) == 1  # type: ignore[attr-defined]


def test_nginx_sends_compressed_dumps_as_files(nginx: Served) -> None:
    headers = nginx.get("/latest/dump/harbours.ttl.gz", Accept_Encoding="gzip").headers

    assert headers["Content-Encoding"] is None


def test_a_base_at_w3id_without_a_site_leaves_the_host_to_be_filled_in(model: Model) -> None:
    base = "https://w3id.org/harbours/"

    files = hosting(model, dataset=f"{base}id/dataset/a", dumps=DUMPS, base=base, site=base)

    assert "https://HOST/latest/" in files["w3id/.htaccess"].decode()
    assert "write the address here" in files["w3id/README.md"].decode()
    assert "RewriteRule" not in files[".htaccess"].decode()
