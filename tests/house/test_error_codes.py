"""The table of error codes is what the sources raise, and everything that shows codes shows it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from aiwebhook import errors
from aiwebhook.error_codes import CODES, TYPE_BASE, Where
from aiwebhook.problem import http_status_of, problem_of

pytestmark = [
    pytest.mark.req("D1"),
    pytest.mark.xdist_group("sources"),  # one process reads them once
]
SOURCES = ("layers/core/python", "functions", "runner", "cli", "local", "infra", "agents")
OTHER_CODES = {
    "Function": "of Lambda: the code itself",
    "LayerVersion": "of Lambda: the code itself",
    "GitFailed": "how git exited",
    "warning": "a log's field",
}
MODEL_GATEWAY = Path("runner/aiwebhook_gateway")
"""It answers agents in their providers' shapes, and its supervisor on a channel of their own."""


class Raised(NamedTuple):
    """A code in the sources. `kind` is the class, or what else is called with it."""

    code: str
    kind: str
    place: str


@cache
def raised() -> list[Raised]:
    return [
        each
        for folder in SOURCES
        for path in sorted(Path(folder).rglob("*.py"))
        if MODEL_GATEWAY not in path.parents and path.name != "error_codes.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for each in _raised(node, path)
    ]


def _raised(node: ast.AST, path: Path) -> Iterator[Raised]:
    place = f"{path}:{getattr(node, 'lineno', 0)}"
    for kind, value in _values(node):
        yield from (Raised(code, kind, place) for code in _texts(value, place))


def _values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a code is set to: in a call, in a class, on an object, as an argument's default."""
    match node:
        case ast.Call(func=called, keywords=keywords):
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name not in OTHER_CODES:
                yield from ((name, each.value) for each in keywords if each.arg == "code")
        case ast.ClassDef(name=name, body=body):
            assigned = (each for each in body if isinstance(each, ast.Assign))
            yield from ((name, a.value) for a in assigned if ast.unparse(a.targets[0]) == "code")
        case ast.Assign(targets=[ast.Attribute(attr="code")], value=value):
            yield "", value
        case ast.arguments(kwonlyargs=names, kw_defaults=defaults):
            pairs = zip(names, defaults, strict=True)
            yield from (("", value) for name, value in pairs if name.arg == "code" and value)
        case _:
            pass


def _texts(value: ast.expr, place: str) -> Iterator[str]:
    """Every code that the expression may come to; a variable's come from where it is set."""
    assert not isinstance(value, ast.JoinedStr), f"{place}: a code is written out, not put together"
    if isinstance(value, ast.IfExp):
        yield from _texts(value.body, place)
        yield from _texts(value.orelse, place)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def test_every_code_that_is_raised_stands_in_the_table_and_the_other_way_round() -> None:
    found = raised()

    assert [each for each in found if each.code not in CODES] == []
    assert CODES.keys() - {each.code for each in found} == set()


def test_a_code_has_one_status_whoever_raises_it() -> None:
    kinds = {kind.__name__: kind for kind in _tree(errors.AiWebhookError)}
    otherwise = [
        each
        for each in raised()
        if each.kind in kinds
        and kinds[each.kind] is not errors.AiWebhookError
        and CODES[each.code].status not in (None, CODES[kinds[each.kind].code].status)
    ]

    assert otherwise == []


def _tree(root: type[errors.AiWebhookError]) -> Iterator[type[errors.AiWebhookError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _tree(kind)


def test_no_code_stands_in_the_table_twice() -> None:
    tree = ast.parse(Path("layers/core/python/aiwebhook/error_codes.py").read_text("utf-8"))
    rows = [
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple)
    ]

    assert sorted(rows, key=str) == sorted(CODES)


def test_a_remedy_is_there_wherever_somebody_can_act_on_it() -> None:
    lacking = [
        code
        for code, known in CODES.items()
        if not known.remedy and known.where is not Where.LOGS and code != "interrupted"
    ]

    assert lacking == []
    assert all(known.meaning.endswith(".") for known in CODES.values())


def test_an_error_answers_with_what_the_table_says() -> None:
    error = errors.NotFound("No task 't'.", code="task_not_found")
    body = problem_of(error, request_id="req_1")
    known = CODES["task_not_found"]

    assert (body["status"], body["title"], body["remedy"]) == (404, known.title, known.remedy)
    assert body["type"] == f"{TYPE_BASE}task_not_found"
    assert errors.NotFound("No.", remedy="Look there.").remedy == "Look there."


def test_a_code_that_is_not_meant_for_http_answers_with_the_status_of_its_class() -> None:
    assert http_status_of(errors.Unavailable("Away.", code="unreachable")) == 503
    assert http_status_of(errors.ConfigurationError("Names are missing.")) == 500


def test_an_error_of_a_newer_server_keeps_its_code() -> None:
    error = errors.Conflict("Busy.", code="not_known_here_yet")

    assert (error.code, error.remedy) == ("not_known_here_yet", CODES["conflict"].remedy)


def test_openapi_names_the_codes_of_each_status() -> None:
    document = json.loads(Path("docs/openapi.json").read_text("utf-8"))
    responses = document["components"]["responses"]
    told = {
        int(name.removeprefix("Problem")): set(re.findall(r"\w+", text.partition("Codes: ")[2]))
        for name, response in responses.items()
        for text in (response["description"],)
    }

    assert told
    for status, codes in told.items():
        assert codes == {
            known.code
            for known in CODES.values()
            if known.where is Where.API and known.status == status
        }
