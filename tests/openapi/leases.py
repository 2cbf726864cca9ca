"""Gives generated calls of the Runs API what no generator can guess: a run and its credential.

The test serves `MADE` beside the API: a GET there makes a run and answers with a `Run`. It is kept
for one operation while its lease is sure to live, and until a call has used it up. Only what a call
has right is replaced: what it has wrong stays wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypedDict, cast

import httpx
import schemathesis
from schemathesis.core.parameters import ParameterLocation

MADE = "/made-for-the-test/"
_KEPT_S = 30  # half of what a lease lives
_USED_UP_BY = ("/claim", "/start", "/complete", "/completions", "/fail", "/release")
Json = dict[str, Any]


class Run(TypedDict):
    """A run for one operation."""

    task_id: str
    credential: str
    """Its lease token, or the key of its project where the operation asks for a key."""
    body: Json
    """What stands in place of the fields of that name."""


_kept: dict[str, tuple[float, Run]] = {}


def lend(case: schemathesis.Case[Any], kwargs: Json) -> None:
    """The operation's own run, in place of what was generated. No other operation is touched."""
    if not case.path.startswith("/v1/runs/"):
        return
    run = _run_for(case)
    if "{task_id}" in case.path and not generated_badly(case, ParameterLocation.PATH):
        case.path_parameters["task_id"] = run["task_id"]
    if not generated_badly(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        body = cast("Json", case.body)
        body.update({name: value for name, value in run["body"].items() if name in body})
    if not generated_badly(case, ParameterLocation.HEADER):
        kwargs["auth"] = _bearer(run["credential"])


@cast("Any", schemathesis).hook
def after_call(
    _context: schemathesis.HookContext,
    case: schemathesis.Case[Any],
    response: schemathesis.Response,
) -> None:
    """A run that has ended or begun serves no other call."""
    if response.status_code == 200 and case.path.endswith(_USED_UP_BY):
        _kept.pop(case.operation.label, None)


def _run_for(case: schemathesis.Case[Any]) -> Run:
    label = case.operation.label
    made_at, run = _kept.get(label, (0, None))
    if run is None or time.monotonic() - made_at > _KEPT_S:
        action = label.rpartition("/")[-1]
        run = cast("Run", httpx.get(f"{case.operation.base_url}{MADE}{action}", timeout=30).json())
        _kept[label] = time.monotonic(), run
    return run


def generated_badly(case: schemathesis.Case[Any], *where: ParameterLocation) -> bool:
    """Whether one of these parts breaks its schema on purpose."""
    return case.meta is not None and any(case.meta.is_negative_at(each) for each in where)


def _bearer(credential: str) -> Callable[[Any], Any]:
    """Applied last, so that it replaces the key that every other call carries."""

    def authorize(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {credential}"
        return request

    return authorize
