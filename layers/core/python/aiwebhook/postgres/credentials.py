"""Where the database is, and the error when it does not answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psycopg import conninfo

from aiwebhook.errors import Unavailable

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
RDS_AUTHORITIES = Path(__file__).with_name("rds-authorities.pem")
"""The root certificates of RDS in all Regions; see docs/deploy.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the database is. The repr hides the password, so that no log or traceback shows it."""

    host: str
    port: int
    username: str
    password: str
    dbname: str
    authorities: Path = RDS_AUTHORITIES
    """The certificate authorities that the server's certificate may come from."""

    def __repr__(self) -> str:
        return f"Credentials({self.username}@{self.host}:{self.port}/{self.dbname})"

    def conninfo(self) -> str:
        """libpq connection string: outside loopback the server must prove by its certificate that
        it is `host`; every wait is bounded.
        """
        loopback = self.host in _LOOPBACK
        return conninfo.make_conninfo(
            host=self.host,
            port=self.port,
            user=self.username,
            password=self.password,
            dbname=self.dbname,
            sslmode="disable" if loopback else "verify-full",
            sslrootcert=None if loopback else str(self.authorities),
            connect_timeout=5,
            application_name="aiwebhook",
            options="-c statement_timeout=25000 -c lock_timeout=5000"
            " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC",
            keepalives_idle=30,
            keepalives_interval=5,
            keepalives_count=3,
        )


def refused(error: BaseException) -> bool:
    """Whether the server rejected role or password. libpq has no code for it."""
    return "authentication failed" in str(error)


def database_away(credentials: Credentials) -> Unavailable:
    """The error for an unavailable database: host, port and remedy, never the password."""
    return Unavailable(
        f"The database at {credentials.host}:{credentials.port} does not answer.",
        code="database_unavailable",
    )
