"""nginx with the configuration of `deploy/`: only names, ports and folders are other ones.

`make cluster` and `tests/deploy` start it. The certificate is made here, for `localhost` alone.
"""

import os
import pwd
import shutil
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.soak.processes import ROOT, Program, environment, free_port

HOST = "127.0.0.1"
STARTS_WITHIN = 10.0
SHIPPED = ROOT / "deploy/nginx.conf"
BELOW_PATH = ROOT / "deploy/nginx-path.conf"
# What Debian's own nginx.conf sets around it, and folders that a run may write to.
DEBIANS_CONNECTIONS, RAISED = 768, 4096  # of an nginx process; see deploy/README.md
AROUND = """\
{user}worker_processes auto;
worker_rlimit_nofile 8192;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log warn;
events {{ worker_connections {connections}; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include {mime_types};
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/contact-desk.conf;
}}
"""


def find() -> str | None:
    """Debian's nginx, which need not be on a person's PATH; None when it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Proxy:
    """nginx before two ports. port: where it speaks TLS; certificate: the file to trust.

    below_path: the CRM stands below /desk, as in deploy/nginx-path.conf.
    """

    def __init__(
        self,
        folder: Path,
        upstreams: tuple[int, int],
        connections: int = DEBIANS_CONNECTIONS,
        *,
        below_path: bool = False,
    ) -> None:
        nginx = find()
        if nginx is None:
            raise SystemExit("nginx is missing; on Debian: apt install nginx-light")
        self.folder = folder
        self.port = free_port()
        self.certificate = folder / "fullchain.pem"
        make_certificate(self.certificate, folder / "privkey.pem")
        shipped = SHIPPED.read_text()
        if below_path:
            top, servers = shipped.rsplit("    location / {", 1)[0], BELOW_PATH.read_text()
            shipped = f"{top}{servers}}}\n"
        (folder / "contact-desk.conf").write_text(self._configured(shipped, upstreams))
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};\n" if os.getuid() == 0 else ""
        mime_types = Path("/etc/nginx/mime.types")
        around = AROUND.format(
            user=user, folder=folder, mime_types=mime_types, connections=connections
        )
        (folder / "nginx.conf").write_text(around)
        self.command = (nginx, "-e", str(folder / "start.log"), "-c", str(folder / "nginx.conf"))
        command = (*self.command, "-g", "daemon off;")
        self.program = Program("nginx", command, folder, environment())

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.program.start()
        until = time.monotonic() + STARTS_WITHIN
        while self.program.is_running and time.monotonic() < until:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise SystemExit(f"nginx does not listen; see {self.folder}/start.log")

    def logs(self) -> str:
        """All that it has written down."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def _configured(self, text: str, upstreams: tuple[int, int]) -> str:
        changes = {
            "server 127.0.0.1:5000 ": f"server {HOST}:{upstreams[0]} ",
            "server 127.0.0.1:5010 ": f"server {HOST}:{upstreams[1]} ",
            "listen 80;": f"listen {HOST}:{free_port()};",
            "    listen [::]:80;\n": "",
            "listen 443 ssl": f"listen {HOST}:{self.port} ssl",
            "    listen [::]:443 ssl http2;\n": "",
            "server_name crm.example.com;": "server_name localhost;",
            "/etc/ssl/contact-desk/": f"{self.folder}/",
            "/var/log/nginx/": f"{self.folder}/",
        }
        for old, new in changes.items():
            if old not in text:
                raise SystemExit(f"deploy/nginx.conf has no {old!r} that could be replaced.")
            text = text.replace(old, new)
        return text


def make_certificate(certificate: Path, key: Path) -> None:
    """For `localhost`, signed by itself, valid for a day."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    key.write_bytes(private.private_bytes(*encoding, serialization.NoEncryption()))
    key.chmod(0o600)
