"""The server must prove that it is the one: on a PostgreSQL with TLS, which the wheel's is not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from psycopg import conninfo, sql

from aiwebhook.clock import utc_now
from aiwebhook.postgres.credentials import RDS_AUTHORITIES, Credentials
from aiwebhook_local.own_folders import fresh_folder
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from tests.support.tls import certificate
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("O1")
HOST = "db.example.com"
INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
needs_tls = pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL with TLS (Debian: postgresql)")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"), name=HOST)


@pytest.fixture(scope="module")
def server(
    certificates: tuple[Path, Path], postgres_server: EmbeddedPostgres
) -> Iterator[EmbeddedPostgres]:
    binaries = INSTALLED[-1].parent
    folder = fresh_folder(postgres_server.log_file.parents[1], "tls-")
    major = int(binaries.parent.name)
    options = PostgresOptions(folder=folder, major=major, binaries=binaries, fast=True)
    server = EmbeddedPostgres(options)
    server.start()
    try:
        speak_tls(server, certificates)
        yield server
    finally:
        server.stop()


def speak_tls(server: EmbeddedPostgres, certificates: tuple[Path, Path]) -> None:
    names = ("ssl_cert_file", "ssl_key_file")
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        for name, file in zip(names, certificates, strict=True):
            own = Path(str(row[0])) / file.name
            shutil.copy(file, own)
            own.chmod(0o600)
            shutil.chown(own, own.parent.stat().st_uid)
            change = sql.SQL("ALTER SYSTEM SET {} = {}")
            connection.execute(change.format(sql.Identifier(name), sql.Literal(str(own))))
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("SELECT pg_reload_conf()")

    def speaks() -> bool:
        with psycopg.connect(server.dsn()) as connection:
            return connection.execute("SHOW ssl").fetchone() == ("on",)

    eventually(speaks)


def credentials(server: EmbeddedPostgres, host: str, authorities: Path) -> Credentials:
    parts = conninfo.conninfo_to_dict(server.dsn())
    return Credentials(
        host=host,
        port=server.port,
        username=str(parts["user"]),
        password=str(parts["password"]),
        dbname="postgres",
        authorities=authorities,
    )


def connect(login: Credentials) -> psycopg.Connection[tuple[object, ...]]:
    """As the functions do; the name is not looked up."""
    return psycopg.connect(login.conninfo(), hostaddr="127.0.0.1")


@needs_tls
def test_the_right_server_is_spoken_to_encrypted(
    server: EmbeddedPostgres, certificates: tuple[Path, Path]
) -> None:
    with connect(credentials(server, HOST, certificates[0])) as connection:
        asked = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert connection.execute(asked).fetchone() == (True, "TLSv1.3")


@needs_tls
def test_a_server_whose_certificate_nobody_of_rds_has_signed_is_refused(
    server: EmbeddedPostgres,
) -> None:
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(credentials(server, HOST, RDS_AUTHORITIES))


@needs_tls
def test_a_server_of_another_name_is_refused(
    server: EmbeddedPostgres, certificates: tuple[Path, Path]
) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        connect(credentials(server, "other.example.com", certificates[0]))


def test_the_functions_ask_for_it_outside_loopback() -> None:
    login = Credentials(host=HOST, port=5432, username="u", password="p", dbname="d")
    asked = conninfo.conninfo_to_dict(login.conninfo())
    assert (asked["sslmode"], asked["sslrootcert"]) == ("verify-full", str(RDS_AUTHORITIES))


def test_the_authorities_of_every_region_are_there_and_good() -> None:
    found = x509.load_pem_x509_certificates(RDS_AUTHORITIES.read_bytes())
    names = [certificate.subject.rfc4514_string() for certificate in found]
    for region in ("us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"):
        for kind in ("RSA2048", "RSA4096", "ECC384"):
            assert any(f"Amazon RDS {region} Root CA {kind} G1" in name for name in names)
    assert all(certificate.not_valid_after_utc > utc_now() for certificate in found)
