"""A request imports the operations of its own resource, and no others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aiwebhook.errors import MethodNotAllowed
from benchmarks.coldimport import ENVIRONMENT, PATHS
from session_api import routes
from session_api.all_operations import OPERATIONS
from session_api.late_paths import LatePaths
from session_api.operation import Operation
from session_api.paths import Paths
from tests.support.reach import reached_statements

pytestmark = pytest.mark.req("D1")
MODULES = {module for modules in routes.MODULES_OF.values() for module in modules}
MODELS = {"session_api.schemas", "session_api.run_schemas", "session_api.rule_schemas"}
EVERYTHING = {f"session_api.routes.{name}" for name in MODULES} | MODELS


def any_path(operation: Operation) -> str:
    return re.sub(r"\{\w+\}", "any", operation.path)


def imported_after(code: str, **environment: str) -> set[str]:
    """The modules of operations and models that a fresh process has after the handler and this."""
    path = ":".join(str(path) for path in PATHS)
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys, session_api.handler\n{code}\n{_TELL}"],
        check=True,
        capture_output=True,
        env={**ENVIRONMENT, **environment, "PYTHONPATH": path},
    )
    return {*json.loads(done.stdout)} & EVERYTHING


_TELL = "print(json.dumps([*sys.modules]))"


def test_every_module_with_operations_is_named_and_holds_all_of_them() -> None:
    folder = Path(str(routes.__file__)).parent
    with_operations = {
        path.stem for path in folder.glob("*.py") if "\nOPERATIONS" in path.read_text("utf-8")
    }

    assert with_operations == MODULES
    found = [operation.name for module in MODULES for operation in routes.operations_in(module)]
    assert sorted(found) == sorted(operation.name for operation in OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_first_request_finds_what_all_operations_together_find(operation: Operation) -> None:
    late, whole = LatePaths(), Paths(OPERATIONS)
    path = any_path(operation)

    assert late.find(operation.method, path) == whole.find(operation.method, path)
    assert late.find(operation.method, path)[0] is operation


def test_a_refused_method_names_those_of_all_modules() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        LatePaths().find("PUT", "/v1/sessions/any/conversation")
    assert refused.value.allow == ("GET", "HEAD", "POST")


def test_operations_are_found_as_they_were_prepared() -> None:
    def prepare(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
        return tuple(replace(each, summary="prepared") for each in operations)

    assert LatePaths(prepare).find("GET", "/v1/rules")[0].summary == "prepared"


def test_a_cold_start_imports_no_operations() -> None:
    assert imported_after("") == set()


@pytest.mark.parametrize(
    ("method", "path", "imported"),
    [
        ("POST", "/v1/tasks", {"session_api.routes.conversation"}),
        ("GET", "/v1/sessions", {"session_api.routes.conversation"}),
        ("GET", "/v1/rules", {"session_api.routes.rules", *MODELS} - {"session_api.run_schemas"}),
    ],
)
def test_a_first_request_imports_its_own(method: str, path: str, imported: set[str]) -> None:
    find = f"session_api.on_postgres.paths.find({method!r}, {path!r})"

    assert imported_after(find) == imported


def test_a_snapshot_holds_all_operations() -> None:
    of_a_snapshot = imported_after("", AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")

    assert of_a_snapshot == EVERYTHING


def test_rights_in_the_database_are_derived_from_every_resource() -> None:
    assert {"list_rules", "list_sources", "claim_channel"} <= reached_statements("session_api")
