"""A server on this machine that speaks TLS, with a certificate that is good, about to end, or over."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def write_certificates(folder: Path, *, days: int) -> None:
    """`authority.pem`, whom to trust, and `server.pem` for localhost with its key, good for so many days from now."""
    now = datetime.now(UTC)
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def signed(
        subject: str, key: Any, until: datetime, *extensions: tuple[x509.ExtensionType, bool]
    ) -> x509.Certificate:
        made = x509.CertificateBuilder().subject_name(_named(subject)).issuer_name(_named("Test authority"))
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=400)).not_valid_after(until)
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(ours, hashes.SHA256())

    authority = signed(
        "Test authority", ours, now + timedelta(days=400), (x509.BasicConstraints(ca=True, path_length=None), True)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    server = signed("localhost", theirs, now + timedelta(days=days, hours=1), (names, False))
    key = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "authority.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(server.public_bytes(Encoding.PEM) + key)


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:  # the library's word
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing to say."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A caller that trusts nobody hangs up."""


@contextlib.contextmanager
def tls_server(folder: Path, *, days: int) -> Iterator[int]:
    """Its port, on `localhost`; 204 to whatever is posted."""
    write_certificates(folder, days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with _Quiet(("127.0.0.1", 0), _Receiver) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
