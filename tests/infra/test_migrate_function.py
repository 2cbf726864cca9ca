"""The function migrate brings an empty database up, and says what it did."""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from psycopg import conninfo

from aiwebhook.errors import ConfigurationError, Unavailable
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.declared_grants import declared_grants
from aiwebhook.postgres.migrate import Phase, shipped_migrations
from aiwebhook.settings import DatabaseSettings
from aiwebhook.wiring import reachable
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import KeptLogin
from aiwebhook.wiring.surroundings import surroundings
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone

pytestmark = pytest.mark.req("O1")

Handler = Callable[[dict[str, Any] | None, object], dict[str, Any]]
CONNECTIONS = dict.fromkeys(declared_grants(), 3)


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    with clone(postgres_server, "template1", "test_migrate_function") as dsn:
        yield dsn


@pytest.fixture
def handler(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    """The handler in an environment where Secrets Manager knows the empty database."""
    with secrets_manager(as_rds_writes_it(empty_database), {}) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
        monkeypatch.setenv("DATABASE_SECRET_ARN", "arn:any:database")
        monkeypatch.setenv("DATABASE_LOGINS", "/any/database")
        monkeypatch.setenv("DATABASE_CONNECTIONS", json.dumps(CONNECTIONS))
        yield importlib.import_module("migrate.handler").lambda_handler


def as_rds_writes_it(dsn: str) -> str:
    parts = conninfo.conninfo_to_dict(dsn)
    return json.dumps(
        {
            "host": parts["host"],
            "port": int(str(parts["port"])),
            "username": parts["user"],
            "password": parts["password"],
            "dbname": parts["dbname"],
        }
    )


@contextmanager
def secrets_manager(
    secret: str, parameters: dict[str, list[str]], *, lost: int = 0
) -> Generator[str]:
    """The url of a server that knows one secret, and keeps parameters. It hangs up on as many
    requests as are to be `lost`."""
    # reason: two services, and the server that is both
    to_lose = iter(range(lost))

    def asked(target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if target == "secretsmanager.GetSecretValue":
            return 200, {"SecretString": secret}
        name, _, version = request["Name"].partition(":")
        if target == "AmazonSSM.PutParameter":
            assert request["Type"] == "SecureString"
            parameters.setdefault(name, []).append(request["Value"])
            return 200, {"Version": len(parameters[name])}
        if name not in parameters:
            return 400, {"__type": "ParameterNotFound"}
        number = int(version or len(parameters[name]))
        return 200, {"Parameter": {"Value": parameters[name][number - 1], "Version": number}}

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if next(to_lose, None) is not None:
                return
            status, value = asked(self.headers["X-Amz-Target"], json.loads(body))
            answer = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_deployment_waits_until_aws_can_be_reached_and_a_command_does_not(
    handler: Handler, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The NAT instance is replaced by a deployment, and the new one has to start."""
    monkeypatch.setattr(reachable, "PAUSE_S", 0.01)
    with secrets_manager(as_rds_writes_it(empty_database), {}, lost=3) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(Unavailable, match="secretsmanager does not answer"):
            handler({"phase": "pre"}, None)
        assert handler({}, None)["applied"] == names(Phase.PRE)


def names(phase: Phase) -> list[str]:
    return [m.name for m in shipped_migrations() if m.phase is phase]


def test_a_deployment_applies_what_the_new_code_needs_once(
    handler: Handler, empty_database: str
) -> None:
    assert handler({}, None)["applied"] == names(Phase.PRE)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM tasks").fetchone() == (0,)
    again = handler({}, None)
    assert again == {"applied": [], "rights": {"given": 0, "taken": 0, "surplus": 0}}


def any_settings() -> DatabaseSettings:
    return DatabaseSettings.model_validate({"DATABASE_LOGIN": "/any/database/relay"})


def test_a_function_logs_in_as_its_own_role_before_and_after_a_rotation(handler: Handler) -> None:
    """What is warm goes on, what is cold finds the new password."""
    with pytest.raises(Unavailable) as early:
        surroundings(any_settings()).database.check()
    assert early.value.code == "database_not_ready"
    handler({}, None)
    warm = surroundings(any_settings()).database
    login = KeptLogin(cloud().parameters(), any_settings().database_login)
    cold = Database(login, renewed=login.renewed)
    assert warm.connection.execute("SELECT current_user").fetchone() == ("aiwebhook_relay",)
    login()  # it has read the password, but not connected yet
    assert handler({"rotate": True}, None) == {"rotated": list(CONNECTIONS)}
    warm.check()
    cold.check()
    handler({}, None)  # a deployment keeps the password
    warm.close()
    warm.check()
    for database in (warm, cold):
        database.close()


def test_an_invocation_without_an_event_is_a_deployments(handler: Handler) -> None:
    assert handler(None, None)["applied"] == names(Phase.PRE)


def test_it_tells_which_roles_have_other_rights_than_declared_and_changes_none(
    handler: Handler, empty_database: str
) -> None:
    look = {"compare_rights": True}
    # Of roles that are not there yet nothing is there; on a server they outlive a database.
    assert handler(look, None)["differences"].keys() == declared_grants().keys()
    handler({"phase": "pre"}, None)
    assert handler(look, None) == {"differences": {}}
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("GRANT DELETE ON api_keys TO aiwebhook_relay")
        owner.execute("REVOKE SELECT ON outbox FROM aiwebhook_reaper")
        owner.execute("REVOKE SELECT (project_id) ON outbox FROM aiwebhook_reaper")
    found = handler(look, None)["differences"]
    assert found["relay"] == {"missing": (), "surplus": ("DELETE on api_keys",)}
    assert any("on outbox" in right for right in found["reaper"]["missing"])
    assert found.keys() == {"relay", "reaper"}
    assert handler(look, None)["differences"] == found


def test_a_key_for_workers_may_claim_and_nothing_else(
    handler: Handler, empty_database: str
) -> None:
    handler({}, None)
    made = handler({"worker_key": "warm workers"}, None)["worker_key"]
    with psycopg.connect(empty_database) as connection:
        found = connection.execute("SELECT name, scopes FROM api_keys").fetchall()
    assert found == [("warm workers", ["worker"])]
    assert made.startswith("aiw_")


def test_what_the_old_code_needed_goes_only_when_asked(handler: Handler) -> None:
    handler({}, None)
    assert handler({"phase": "post"}, None)["applied"] == names(Phase.POST)


def test_a_missing_secret_name_is_told_by_name(
    handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_SECRET_ARN")
    with pytest.raises(ConfigurationError, match="DATABASE_SECRET_ARN"):
        handler({}, None)
