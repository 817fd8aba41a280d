"""nginx with the shipped configuration, before two processes of which one breaks down."""

import http.client
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cluster import proxy
from tests.cluster.proxy import Proxy
from tests.soak.processes import ROOT

SECRET = "s3cr3t-" * 7
CONFIGURATION = (ROOT / "deploy/nginx.conf").read_text()

needs_nginx = pytest.mark.skipif(
    proxy.find() is None and not os.environ.get("CI"),
    reason="nginx is missing (Debian: apt install nginx-light); CI has it",
)


class Crm:
    """Two processes that write down what reaches them. breaks: the first one to get such a path
    closes the connection without an answer. says: heads of every answer.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.breaks = "/nothing"
        self.says: dict[str, str] = {}
        crm = self

        class Process(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                broken = any(path == self.path for _method, path, _headers in crm.seen)
                crm.seen.append((self.command, self.path, dict(self.headers)))
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == crm.breaks and not broken:
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Content-Length", "2")
                for name, value in crm.says.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"ok")

            do_POST = do_GET  # noqa: N815 - its name in http.server

            def log_message(self, *_words: object) -> None:
                pass

        self.servers = [ThreadingHTTPServer((proxy.HOST, 0), Process) for _ in range(2)]

    @property
    def ports(self) -> tuple[int, int]:
        first, second = (int(server.server_address[1]) for server in self.servers)
        return first, second


@pytest.fixture
def crm() -> Iterator[Crm]:
    crm = Crm()
    for server in crm.servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield crm
    for server in crm.servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def nginx(crm: Crm, tmp_path: Path) -> Iterator[Proxy]:
    nginx = Proxy(tmp_path, crm.ports)
    nginx.start()
    yield nginx
    nginx.program.stop()


def ask(nginx: Proxy, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    trusted = ssl.create_default_context(cafile=str(nginx.certificate))
    connection = http.client.HTTPSConnection("localhost", nginx.port, timeout=10, context=trusted)
    body = "a=b" if method == "POST" else None
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@needs_nginx
def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    nginx = Proxy(tmp_path, (5000, 5010))
    told = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "[warn]" not in told.stderr


@needs_nginx
def test_a_question_is_asked_again_at_the_other_process(nginx: Proxy, crm: Crm) -> None:
    crm.breaks = "/screen-pop?number=1"
    assert ask(nginx, "GET", "/screen-pop?number=1").status == 200
    assert len(crm.seen) == 2


@needs_nginx
def test_a_dial_is_never_sent_twice(nginx: Proxy, crm: Crm) -> None:
    crm.breaks = "/dial"
    assert ask(nginx, "POST", "/dial").status == 502
    assert len(crm.seen) == 1


@needs_nginx
def test_the_crm_hears_the_visitors_address_and_not_an_invented_one(nginx: Proxy, crm: Crm) -> None:
    invented = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    invented |= {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    ask(nginx, "GET", "/contacts", **invented)
    headers = crm.seen[0][2]
    assert "X-Forwarded-Prefix" not in headers
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-Host"] == headers["Host"] == f"localhost:{nginx.port}"


@needs_nginx
@pytest.mark.parametrize(
    "path",
    [
        f"/webhooks/hangup/{SECRET}",
        f"/webhooks/notification/{SECRET}?number=05320000001",
        f"/webhook/hangup/{SECRET}",
        f"/Webhooks/hangups/{SECRET}",
        f"/%77ebhooks/hangup/{SECRET}",
        f"/{SECRET}",
        "/screen-pop?number=05320000001",
    ],
)
def test_no_log_has_a_secret_or_a_number(nginx: Proxy, crm: Crm, path: str) -> None:
    crm.breaks = path
    assert ask(nginx, "POST", path).status == 502  # which nginx would write into its log of errors
    ask(nginx, "GET", path)
    ask(nginx, "GET", "/contacts?q=somebody")
    nginx.program.stop()
    assert '"GET /contacts" 200' in nginx.logs()
    assert SECRET not in nginx.logs()
    assert "05320000001" not in nginx.logs()
    assert "somebody" not in nginx.logs()


@needs_nginx
def test_files_and_pages_come_compressed_and_are_kept_as_the_crm_says(
    nginx: Proxy, crm: Crm
) -> None:
    """nginx hands on what the browser can read, and what the CRM says about keeping it."""
    crm.says = {"Cache-Control": "public, immutable", "Content-Encoding": "br", "ETag": '"a"'}
    for path in ("/static/0123456789ab/js/dial.js", "/contacts"):
        answer = ask(nginx, "GET", path, **{"Accept-Encoding": "gzip, br, zstd"})
        assert crm.seen[-1][2]["Accept-Encoding"] == "gzip, br, zstd"
        for name, value in crm.says.items():
            assert answer.getheader(name) == value


@needs_nginx
def test_below_a_path_of_another_site(crm: Crm, tmp_path: Path) -> None:
    nginx = Proxy(tmp_path, crm.ports, below_path=True)
    nginx.start()
    assert ask(nginx, "GET", "/contacts").status == 404  # the other site's
    assert ask(nginx, "GET", "/desk").getheader("Location", "").endswith("/desk/")
    assert crm.seen == []
    secret = f"/desk/webhooks/hangup/{SECRET}"
    for method, path in (("GET", "/desk/contacts"), ("POST", secret), ("GET", "/desk/static/x")):
        assert ask(nginx, method, path, **{"X-Forwarded-Prefix": "/evil"}).status == 200
        assert crm.seen[-1][:2] == (method, path)
        headers = crm.seen[-1][2]
        assert headers["X-Forwarded-Prefix"] == "/desk"
        assert headers["X-Forwarded-Host"] == headers["Host"] == f"localhost:{nginx.port}"
    crm.breaks = f"{secret}x"
    assert ask(nginx, "POST", crm.breaks).status == 502
    nginx.program.stop()
    assert '"GET /desk/contacts" 200' in nginx.logs()
    assert SECRET not in nginx.logs()


def test_the_configuration_promises_what_it_must() -> None:
    """Read as text, so that it is checked where there is no nginx as well."""
    lines = {line.strip() for line in CONFIGURATION.splitlines()}
    for needed in (
        "proxy_request_buffering on;",
        "proxy_cache off;",
        "proxy_next_upstream error timeout;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "proxy_set_header X-Forwarded-Host $http_host;",
        'proxy_set_header X-Forwarded-Prefix "";  # below a path of a host: nginx-path.conf',
    ):
        assert needed in lines
    assert "non_idempotent" not in CONFIGURATION.replace('("non_idempotent" must', "")
    webhooks = CONFIGURATION.split("location /webhooks/ {")[-1].partition("}")[0]
    assert "access_log off;" in webhooks
    assert "error_log /dev/null;" in webhooks
