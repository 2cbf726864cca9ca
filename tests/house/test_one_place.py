"""What stands in one place: no second module writes it out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook.client.api import STANDS_STILL
from aiwebhook.client.run_calls import LONG_POLL_S
from aiwebhook.client.runs import MOST_LEASES
from aiwebhook.domain.provider import AGENT_SECRETS, UPSTREAM_OF
from aiwebhook.domain.task import AT_REST
from aiwebhook.usecases.long_poll import MAX_WAIT_S
from session_api.run_schemas import HeartbeatsParams

pytestmark = pytest.mark.req("T4")
SOURCES = ("layers/core/python", "functions", "runner", "cli", "local", "infra", "agents")
PROVIDERS = "layers/core/python/aiwebhook/domain/provider.py"
AGENTS_OWN = {
    "runner/aiwebhook_runner/adapters/claude_code.py": "what Claude Code reads its token from",
    "runner/aiwebhook_runner/adapters/gemini.py": "what Gemini CLI reads its token from",
    "runner/aiwebhook_runner/repository/address.py": "reads the one variable it is about",
}


def _written(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_variables_of_the_providers_are_named_in_one_module() -> None:
    names = {*AGENT_SECRETS, *UPSTREAM_OF.values()}
    modules = {
        str(path)
        for folder in SOURCES
        for path in Path(folder).rglob("*.py")
        if names.intersection(_written(path))
    }

    assert modules - AGENTS_OWN.keys() == {PROVIDERS} - AGENTS_OWN.keys()
    assert AGENTS_OWN.keys() <= modules, "an exception that is not needed any more"


@pytest.mark.req("T2")
def test_who_loses_to_another_writer_goes_again_in_one_place() -> None:
    """`Database.retrying` alone tries again; the ledger says what the last loss means."""
    lost = {"DeadlockDetected", "SerializationFailure"}
    modules = {
        str(path)
        for folder in SOURCES
        for path in Path(folder).rglob("*.py")
        for text in (path.read_text("utf-8"),)
        if any(name in text for name in lost)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) in lost
    }

    adapters = "layers/core/python/aiwebhook/postgres"
    assert modules == {f"{adapters}/database.py", f"{adapters}/command_ledger.py"}


@pytest.mark.req("T2")
def test_the_client_which_stands_on_values_alone_has_the_numbers_of_the_api() -> None:
    leases = HeartbeatsParams.model_json_schema()["properties"]["leases"]
    assert leases["maxItems"] == MOST_LEASES
    assert MAX_WAIT_S == LONG_POLL_S
    assert AT_REST == STANDS_STILL


@pytest.mark.req("W4")
def test_no_source_says_for_itself_how_long_a_key_lives() -> None:
    core = Path("layers/core/python/aiwebhook")
    sources = [
        *Path("functions").rglob("*.py"),
        *core.rglob("*.py"),
        *(core / "postgres/queries").glob("*.sql"),
    ]
    said = [path.name for path in sources if re.search(r"24[ -]hours?", path.read_text("utf-8"))]
    assert len(sources) > 200
    assert said == []
