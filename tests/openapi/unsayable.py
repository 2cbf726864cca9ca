"""What no schema can say: the refusals that a request may meet although its schema allows it.

schemathesis loads this file. Two of its own checks are asked here, with their exceptions: that what
the schema allows is accepted, but for the rows of a table, and that all else is refused, but for
the content of reports. A row is narrow: operation, code, pointer, message.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from itertools import count
from typing import Any, NamedTuple, cast

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks

from aiwebhook.door_paths import SAY_PATH
from tests.openapi import leases

_KEY = re.compile(r"[ -~]{1,255}")
_WAIT = re.compile(r"[0-9]{1,2}(\.[0-9]+)?")
_REPORT = re.compile(
    r"POST /v1/runs/(completions|{task_id}/(heartbeat|events|checkpoint|artifacts|complete|fail))"
)
_LONGEST = 20
_NUMBERS = count(1)


class Rule(NamedTuple):
    """A refusal, and why no schema says it. `at` and `says` match from the start; empty: any."""

    on: str
    why: str
    code: str = "invalid"
    at: str = ""
    says: str = ""


RULES = (
    Rule(
        on="GET /v1/help$",
        code="unknown_command",
        at="/command$",
        why="a command may be spelt in any way that can mean one only",
    ),
    Rule(
        on="GET ",
        at="/(cursor|after)$",
        says="is not a cursor this API returned",
        why="a cursor carries a digest",
    ),
    Rule(
        on="POST /v1/channels/{channel}/(ack|claim)$",
        at="/cursor$",
        says="is not a cursor this API returned",
        why="as above",
    ),
    Rule(
        on="POST /v1/sources",
        at="/(source_id|secret|cidrs)$",
        why="each kind of source has its own rule for ids and secrets; ranges are as of keys",
    ),
    Rule(
        on="POST /v1/sources/{source_id}/reconciliation$",
        at="/(hook|token|app_id|private_key|api_url)$",
        why="a hook has a path of three forms; an App's has a key instead of a token",
    ),
    Rule(
        on="(POST|DELETE) ",
        code="ack_beyond_end",
        at="/(ack|cursor)$",
        why="a session's last event is a matter of its history",
    ),
    Rule(
        on="POST ",
        code="ack_not_possible",
        at="/ack$",
        says="needs the session_id",
        why="ack: null acknowledges nothing, so that dependentRequired would say too much",
    ),
    Rule(
        on="POST /v1/updates/ack$",
        code="session_id_required",
        at="/cursor$",
        why="cursor: null asks for none, so that dependentRequired would say too much",
    ),
    Rule(
        on="POST /v1/(sessions/{session_id}/)?updates/ack$",
        code="update_not_found",
        at="/ids/",
        why="which updates there are",
    ),
    Rule(
        on="POST /v1/sessions$",
        at="/time_zone$",
        says="must be an IANA time zone",
        why="the zones that exist are in a data base that grows",
    ),
    Rule(
        on="(POST|PATCH) /v1/endpoints",
        at="/url$",
        why="which hosts are public (domain/egress.py); the form is a pattern",
    ),
    Rule(
        on="POST /v1/tasks$",
        code="callback_url_refused",
        at="/callback_url$",
        why="as above",
    ),
    Rule(
        on="POST /v1/keys$",
        at="/cidrs$",
        says="must be networks",
        why="ranges and host bits of networks; the form is a pattern",
    ),
    Rule(
        on="POST /v1/tasks$",
        at="/repo$",
        says="must ",
        why="hosts, ports and credentials in URLs; the form is a pattern",
    ),
    Rule(
        on="POST /v1/tasks$",
        at="/ref$",
        says="must be a branch",
        why="git check-ref-format; the form is a pattern",
    ),
    Rule(
        on="POST /v1/tasks$",
        at="/(ref|pr)$",
        says="needs repo",
        why="null and pr: none ask for none, so that dependentRequired would say too much",
    ),
    Rule(
        on="POST /v1/rule(s|-tests)$",
        at="(/rules/[0-9]+)?/task(/repo|/ref)?$",
        says="must |ref and pr need repo",
        why="as of tasks",
    ),
    Rule(
        on="POST /v1/rules$",
        code="too_many_rules",
        why="how many there are already",
    ),
    Rule(
        on="POST /v1/tasks$",
        code="input_invalid",
        at="/input_data",
        why="the agent's own schema (GET /v1/agents)",
    ),
    Rule(
        on="POST /v1/tasks$",
        code="repository_not_possible",
        at="/repo$",
        why="the agent's kind (GET /v1/agents)",
    ),
    Rule(
        on="POST /v1/tasks$",
        code="deadline_past|time_zone_required|invalid",
        at="/(deadline|not_before)$",
        why="the past, and the zone of the session",
    ),
    Rule(
        on="POST /v1/sessions/{session_id}/conversation$",
        says="end_time must not be before start_time",
        why="two values compared",
    ),
    Rule(
        on="POST /v1/runs/{task_id}/(artifacts|checkpoint)$",
        at="/content_sha256$",
        says="nothing was uploaded under this digest",
        why="which bytes were uploaded",
    ),
    Rule(
        on="",
        says="must be text of 1–[0-9]+ characters; got text of",
        why="a name of nothing but control characters is none (domain/plain_text.py)",
    ),
    Rule(
        on="",
        says="(holds|has a field whose name holds) the character U\\+0000",
        why="PostgreSQL keeps no NUL; at any depth of any JSON",
    ),
)


def unsayable(operation: str, problem: dict[str, Any]) -> bool:
    """Whether all that is refused here is refused by rows of the table."""
    refused = problem.get("errors") or [{"pointer": "", "message": problem["detail"]}]
    return all(any(_is(rule, operation, problem["code"], e) for rule in RULES) for e in refused)


def _is(rule: Rule, operation: str, code: str, error: dict[str, Any]) -> bool:
    return (
        re.match(rule.on, operation) is not None
        and re.fullmatch(rule.code, code) is not None
        and re.match(rule.at, error["pointer"]) is not None
        and re.match(rule.says, error["message"]) is not None
    )


@schemathesis.check
def what_the_schema_allows_is_accepted(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """But for the rows of the table."""
    if response.status_code == 422 and unsayable(f"{case.method} {case.path}", response.json()):
        return None
    return cast("Any", checks).positive_data_acceptance(ctx, response, case)


@schemathesis.check
def what_the_schema_refuses_is_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """But for the content of a report: the work is done, and what can be kept of it is kept. And
    but for spoken sentences, which nobody who walks can mend (ADR 0019).
    """
    if case.path == SAY_PATH:
        return None
    if _REPORT.fullmatch(case.operation.label) and not leases.generated_badly(
        case, ParameterLocation.PATH, ParameterLocation.HEADER
    ):
        return None
    return cast("Any", checks).negative_data_rejection(ctx, response, case)


@cast("Any", schemathesis).hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """A valid idempotency key becomes another one: used twice, it refuses whatever comes second.
    A valid wait becomes a short one: a long poll would hold the run up. A run is lent (leases.py).
    """
    leases.lend(case, kwargs)
    request = cast("Any", case)
    holders: list[Any] = [request.body, request.headers, request.query]
    for holder in holders:
        if isinstance(holder, MutableMapping):
            given = cast("MutableMapping[str, Any]", holder)
            given.update({name: _harmless(name, value) for name, value in given.items()})


def _harmless(name: str, value: object) -> object:
    if name in {"request_id", "Idempotency-Key"} and isinstance(value, str):
        return f"key-{next(_NUMBERS)}" if _KEY.fullmatch(value) else value
    if name in {"wait", "wait_s"} and isinstance(value, (int, float, str)):
        whole = "." not in str(value)
        if _WAIT.fullmatch(str(value)) and float(value) <= _LONGEST:
            return type(value)(0) if whole else type(value)(float(value) / 1000)
    return value
