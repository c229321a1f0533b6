"""A real nginx in front of an instance, with the very blocks that docs/deploy.md gives."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.process import ROOT, held_port

KEY = "0123456789abcdef" * 4
DOCUMENT = ROOT / "docs" / "deploy.md"
FRAME = """
daemon off;
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    sendfile on;
    {temporary}
{above}
{server}
}}
"""
PLACES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def blocks() -> list[str]:
    """Those of the document's section on nginx, in its order."""
    section = DOCUMENT.read_text().partition("\n## nginx\n")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", section, re.MULTILINE)
    return [block for block in found if block.split()[0] in ("server", "proxy_cache_path", "location")]


class Nginx:
    """`with Nginx(folder) as front:` after `front.configure(site's address, data folder)`; people come by `front.base`.

    `user` is who reads the pictures.
    """

    def __init__(self, folder: Path, user: str = "root") -> None:
        self.folder, self.user = folder, user
        self._held = held_port()
        self.port = self._held.getsockname()[1]
        self.base = f"https://127.0.0.1:{self.port}"
        self.session_cookie = f"__Host-vitrine_session_{self.port}"
        self.certificate = folder / "pictures.pem"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """What the site has to be told."""
        return {"VITRINE_BASE_URL": self.base, "VITRINE_ACCEL_PREFIX": "/media", "VITRINE_THUMB_KEY": KEY}

    def configure(self, site: str, data: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_certificate(self.certificate, self.folder / "pictures.key")
        server, above, inside = blocks()
        server = server.rstrip().removesuffix("}") + inside + "    }\n"
        temporary = " ".join(f"{name}_temp_path {self.folder}/{name};" for name in PLACES)
        told = FRAME.format(user=self.user, folder=self.folder, temporary=temporary, above=above, server=server)
        for ours, here in (
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("pictures.example.org", "127.0.0.1"),
            ("/etc/ssl/", f"{self.folder}/"),
            ("http://127.0.0.1:8000", site),
            ("/srv/vitrine/data", str(data)),
            ("/var/cache/nginx/vitrine", f"{self.folder}/cache"),
            ("__Host-vitrine_session=", f"{self.session_cookie}="),
            ("THE_KEY", KEY),
        ):
            assert ours in told, ours
            told = told.replace(ours, here)
        (self.folder / "nginx.conf").write_text(told)

    def __enter__(self) -> Self:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        assert program, "nginx is needed: apt install nginx-light"
        command = [
            program,
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-e",
            f"{self.folder}/error.log",
        ]
        self._process = subprocess.Popen(command)  # noqa: S603 - our own command line
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._held.close()

    def forget_sessions(self) -> None:
        """As after ten minutes: nginx asks once more."""
        for file in (self.folder / "cache").rglob("*"):
            if file.is_file():
                file.unlink()


def write_certificate(file: Path, key_file: Path) -> None:
    """For 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
