"""A receiver's certificate, made for a test, and who trusts it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder: Path, *, name: str, expired: bool = False) -> tuple[Path, Path]:
    """A self-signed certificate for the name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime(2020, 1, 1, tzinfo=UTC) if expired else datetime(2099, 1, 1, tzinfo=UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "127.0.0.1":
        names = [x509.IPAddress(ip_address(name))]
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / f"{name}.crt", folder / f"{name}.key"
    crt.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return crt, pem


class Tls:
    """A TLS server's side, and a client that trusts it. `authority`: the file of whom it trusts."""

    def __init__(self, folder: Path, *, name: str = "localhost", expired: bool = False) -> None:
        crt, pem = certificate(folder, name=name, expired=expired)
        self.authority = crt
        self.sni: list[str | None] = []
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(crt, pem)

        def seen(_socket: object, name: str | None, _context: object) -> None:
            self.sni.append(name)

        self.server.sni_callback = seen
        self.client = ssl.create_default_context(cafile=str(crt))
