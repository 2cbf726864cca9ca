# reason: the conformance suite's list of tools, resources and prompts, one after the other
"""What `@modelcontextprotocol/conformance` wants to find on a server, behind our core.

Names, words and schemas are the suite's. What asks the client back answers `input_required` and
takes the answers with the next call; the state between the two is sealed by the key of this test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from aiwebhook.clock import rfc3339, utc_now
from session_api.mcp.eras import PREFIX, TASKS
from session_api.mcp.jsonrpc import INVALID_PARAMS, MISSING_CAPABILITY, RpcError
from session_api.mcp.offers import Offers, Prompt, Tool, Turn
from session_api.mcp.server import require_tasks

Json = dict[str, Any]
_KEY = b"the key of a test, and of nothing else"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5Erk"
    "Jggg=="
)
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
TEXT: Json = {"type": "string"}
IMAGE: Json = {"type": "image", "data": PNG, "mimeType": "image/png"}
ROOTS: Json = {"method": "roots/list"}


class Ask(Exception):
    """The client is asked; it calls again with its answers, and with the state."""

    def __init__(self, requests: Json | None = None, state: Any = None) -> None:
        super().__init__()
        self.requests = requests
        self.state = state


@dataclass(slots=True, kw_only=True)
class Asking:
    """One call of a fixture: what the client answered before, and what was sealed then."""

    turn: Turn
    arguments: Json

    def answer(self, name: str) -> Json | None:
        """What the client answered to this request, where it is an object."""
        given = self.turn.params.get("inputResponses")
        found = cast("Json", given).get(name) if isinstance(given, dict) else None
        return cast("Json", found) if isinstance(found, dict) else None

    def content(self, name: str) -> Json:
        """The content of an answer."""
        found = (self.answer(name) or {}).get("content")
        return cast("Json", found) if isinstance(found, dict) else {}

    @property
    def state(self) -> Any:
        """What was sealed; None at the first call. Raises RpcError for what we did not seal."""
        sealed = self.turn.params.get("requestState")
        return None if sealed is None else unsealed(sealed)

    def notify(self, method: str, **params: Any) -> None:
        """Something that goes out before the result."""
        sent = {"jsonrpc": "2.0", "method": f"notifications/{method}", "params": params}
        self.turn.notifications.append(sent)


Answered = str | Json
Fixture = Callable[[Asking], Answered]


def sealed(state: object) -> str:
    """The state, so that the client can carry it and not change it."""
    text = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
    return f"{text}.{hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()}"


def unsealed(value: object) -> Any:
    """Raises RpcError for what we did not seal."""
    text, _, seal = str(value).rpartition(".")
    expected = hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(seal.encode(), expected.encode()):
        reason = {"reason": "invalid_request_state"}
        raise RpcError(INVALID_PARAMS, "Invalid or expired requestState", data=reason)
    return json.loads(base64.urlsafe_b64decode(text))


def asked(turn: Turn, arguments: Json, fixture: Fixture) -> Answered:
    """What the fixture answers, or what it asks."""
    call = Asking(turn=turn, arguments=arguments)
    try:
        return fixture(call)
    except Ask as ask:
        if not turn.client.modern:
            message = "The client cannot be asked on this protocol version."
            raise RpcError(INVALID_PARAMS, message, status=200) from ask
        told: Json = {"resultType": "input_required"}
        if ask.requests is not None:
            told["inputRequests"] = ask.requests
        if ask.state is not None:
            told["requestState"] = sealed(ask.state)
        return told


def said(*items: Json, error: bool = False) -> Json:
    """A result of these contents."""
    return {"content": list(items), "isError": error}


def text(words: str) -> Json:
    """Content of text."""
    return {"type": "text", "text": words}


def embedded(uri: str, mime: str, words: str) -> Json:
    """Content that is a resource."""
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": words}}


def schema_of(properties: Json, required: Sequence[str] = ()) -> Json:
    """An object with these properties."""
    return {"type": "object", "properties": properties, "required": list(required)}


def question(message: str, properties: Json) -> Json:
    """A form for the person."""
    form = schema_of(properties, list(properties))
    params = {"mode": "form", "message": message, "requestedSchema": form}
    return {"method": "elicitation/create", "params": params}


def name_asked(message: str = "What is your name?") -> Json:
    """The form with a name."""
    return question(message, {"name": TEXT})


def sample(words: str, tokens: int = 100) -> Json:
    """A question to the client's model."""
    messages = [{"role": "user", "content": text(words)}]
    params = {"messages": messages, "maxTokens": tokens}
    return {"method": "sampling/createMessage", "params": params}


CONFIRM = question("Please confirm", {"ok": {"type": "boolean"}})


# ── tools that answer at once ──
def _logging(call: Asking) -> str:
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        if not call.turn.client.modern or call.turn.client.meta.get(f"{PREFIX}logLevel"):
            call.notify("message", level="info", data=words)
    return "ok"


def _progress(call: Asking) -> str:
    token = call.turn.client.meta.get("progressToken")
    for done in (0, 50, 100) if token is not None else ():
        message = f"Completed step {done} of 100"
        call.notify("progress", progressToken=token, progress=done, total=100, message=message)
    return str(token)


def _missing_capability(call: Asking) -> str:
    if "sampling" not in call.turn.client.capabilities:
        wanted: Json = {"requiredCapabilities": {"sampling": {}}}
        raise RpcError(MISSING_CAPABILITY, "This tool requires sampling", data=wanted)
    return "ok"


# ── tools that ask back ──
def _streaming_elicitation(call: Asking) -> str:
    if call.answer("user_name") is None:
        raise Ask({"user_name": name_asked()})
    return "done"


def _elicitation(call: Asking) -> str:
    answer = call.answer("user_name") or {}
    if answer.get("action") == "accept" and isinstance(call.content("user_name").get("name"), str):
        return f"Hello, {call.content('user_name')['name']}!"
    if answer.get("action") in ("decline", "cancel"):
        return "Hello, stranger!"
    raise Ask({"user_name": name_asked()})


def _sampling(call: Asking) -> str:
    if call.answer("capital_question") is None:
        raise Ask({"capital_question": sample("What is the capital of France?")})
    return f"Model said: {call.content('capital_question').get('text', '?')}"


def _list_roots(call: Asking) -> str:
    answer = call.answer("client_roots")
    if answer is None:
        raise Ask({"client_roots": ROOTS})
    return f"Client exposed {len(answer.get('roots', []))} root(s)."


def _request_state(call: Asking) -> str:
    if call.answer("confirm") is None or call.state != "nonce":
        raise Ask({"confirm": CONFIRM}, "nonce")
    return "state-ok: confirmation received"


def _multiple(call: Asking) -> str:
    wanted = {
        "user_name": name_asked(),
        "greeting": sample("Generate a greeting", 50),
        "client_roots": ROOTS,
    }
    if not all(call.answer(name) for name in wanted):
        raise Ask(wanted, "multiple-inputs")
    return "All inputs received."


def _multi_round(call: Asking) -> str:
    state: Json = call.state or {"round": 0}
    if state["round"] == 1 and call.answer("step1"):
        step = question("Step 2: What is your favorite color?", {"color": TEXT})
        raise Ask({"step2": step}, {"round": 2, "name": call.content("step1").get("name")})
    if state["round"] == 2 and call.answer("step2"):
        return f"{state['name']} likes {call.content('step2').get('color')}."
    raise Ask({"step1": name_asked("Step 1: What is your name?")}, {"round": 1})


def _tampered(call: Asking) -> str:
    if call.state is None:
        raise Ask({"confirm": CONFIRM}, "round-1")
    return f"state-ok: {call.state}"


def _by_capability(call: Asking) -> str:
    declared = call.turn.client.capabilities
    requests: Json = {}
    if "sampling" in declared:
        requests["sample"] = sample("Say hello", 50)
    if "elicitation" in declared:
        requests["ask"] = name_asked()
    raise Ask(requests, "capability-gated")


SCHEMA_2020_12: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": TEXT, "city": TEXT},
        }
    },
    "properties": {
        "name": TEXT,
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": TEXT,
        "email": TEXT,
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
REGION: Json = {"type": "string", "description": "region", "x-mcp-header": "Region"}
SIMPLE: Mapping[str, tuple[Fixture, Json]] = {
    "test_simple_text": (lambda _: "This is a simple text response for testing.", {}),
    "test_image_content": (lambda _: said(IMAGE), {}),
    "test_audio_content": (
        lambda _: said({"type": "audio", "data": WAV, "mimeType": "audio/wav"}),
        {},
    ),
    "test_embedded_resource": (
        lambda _: said(
            embedded(
                "test://embedded-resource", "text/plain", "This is an embedded resource content."
            )
        ),
        {},
    ),
    "test_multiple_content_types": (
        lambda _: said(
            text("Multiple content types test:"),
            IMAGE,
            embedded(
                "test://mixed-content-resource",
                "application/json",
                '{"test":"data","value":123}',
            ),
        ),
        {},
    ),
    "test_tool_with_logging": (_logging, {}),
    "test_logging_tool": (_logging, {}),
    "test_tool_with_progress": (_progress, {}),
    "test_error_handling": (
        lambda _: said(text("This tool intentionally returns an error for testing"), error=True),
        {},
    ),
    "test_x_mcp_header": (
        lambda call: f"region={call.arguments.get('region', '<none>')}",
        schema_of({"region": REGION}),
    ),
    "test_missing_capability": (_missing_capability, {}),
    "test_streaming_elicitation": (_streaming_elicitation, {}),
    "test_input_required_result_elicitation": (_elicitation, {}),
    "test_input_required_result_sampling": (_sampling, {}),
    "test_input_required_result_list_roots": (_list_roots, {}),
    "test_input_required_result_request_state": (_request_state, {}),
    "test_input_required_result_multiple_inputs": (_multiple, {}),
    "test_input_required_result_multi_round": (_multi_round, {}),
    "test_input_required_result_tampered_state": (_tampered, {}),
    "test_input_required_result_capabilities": (_by_capability, {}),
    "json_schema_2020_12_tool": (lambda _: "ok", SCHEMA_2020_12),
    "greet": (
        lambda call: f"Hello, {call.arguments['name']}!",
        schema_of({"name": TEXT}, ["name"]),
    ),
}


# ── tasks ──
@dataclass(slots=True, kw_only=True)
class Row:
    """A task, evaluated whenever it is asked for."""

    number: int
    result: Json
    delay_s: float = 0
    asks: Json = field(default_factory=dict[str, Any])
    error: Json | None = None
    answers: Json = field(default_factory=dict[str, Any])
    cancelled: bool = False
    begun: float = field(default_factory=time.monotonic)
    created: str = field(default_factory=lambda: rfc3339(utc_now()))
    updated: str = field(default_factory=lambda: rfc3339(utc_now()))

    @property
    def task_id(self) -> str:
        """Its id."""
        return f"task-{self.number}"

    @property
    def over(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() >= self.begun + self.delay_s

    def shown(self) -> Json:
        """The detailed task."""
        task: Json = {
            "taskId": self.task_id,
            "createdAt": self.created,
            "lastUpdatedAt": self.updated,
            "ttlMs": 3_600_000,
            "pollIntervalMs": 250,
        }
        pending = {name: ask for name, ask in self.asks.items() if name not in self.answers}
        if self.cancelled:
            return {**task, "status": "cancelled"}
        if pending:
            return {**task, "status": "input_required", "inputRequests": pending}
        if not self.over:
            return {**task, "status": "working", "statusMessage": "running"}
        if self.error is not None:
            return {**task, "status": "failed", "error": self.error}
        return {
            **task,
            "status": "completed",
            "result": {"resultType": "complete", **self.result},
        }


class FixtureTasks:
    """Tasks in memory, and the tools that make them."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def tools(self) -> Mapping[str, Tool]:
        """The suite's tools that work for longer."""
        return {
            "slow_compute": self._tool(
                "slow_compute", self._slow, {"seconds": {"type": "number"}, "label": TEXT}
            ),
            "failing_job": self._tool("failing_job", self._failing, required=True),
            "protocol_error_job": self._tool("protocol_error_job", self._broken, required=True),
            "confirm_delete": self._tool(
                "confirm_delete", self._confirm, {"filename": TEXT}, required=True
            ),
            "multi_input": self._tool("multi_input", self._multi, required=True),
            "test_tool_with_task": self._tool("test_tool_with_task", self._asking, required=True),
        }

    def get(self, _turn: Turn, task_id: str) -> Json:
        """The detailed task."""
        return self._row(task_id).shown()

    def update(self, _turn: Turn, task_id: str, responses: Json) -> None:
        """Take answers to what it asks; others are left out."""
        row = self._row(task_id)
        new = {k: v for k, v in responses.items() if k in row.asks and k not in row.answers}
        if new:
            row.answers |= new
            row.updated = rfc3339(utc_now())

    def cancel(self, _turn: Turn, task_id: str) -> None:
        """Stop it."""
        row = self._row(task_id)
        if row.shown()["status"] in ("working", "input_required"):
            row.cancelled = True

    def _row(self, task_id: str) -> Row:
        row = self._rows.get(task_id)
        if row is None:
            raise RpcError(INVALID_PARAMS, "Unknown taskId", status=200)
        return row

    def _new(self, **fields: Any) -> Row:
        row = Row(number=len(self._rows) + 1, **fields)
        self._rows[row.task_id] = row
        return row

    def _tool(
        self,
        name: str,
        make: Callable[[Asking], Row],
        properties: Json | None = None,
        *,
        required: bool = False,
    ) -> Tool:
        def call(turn: Turn, arguments: Json) -> Json:
            as_task = turn.client.modern and TASKS in turn.client.extensions
            if required:
                require_tasks(turn)
            answered = asked(turn, arguments, lambda c: {"row": make(c)})
            if not isinstance(answered, dict) or "row" not in answered:
                return cast("Json", answered)
            row: Row = answered["row"]
            if not as_task:
                threading.Event().wait(row.delay_s)
                return row.shown()["result"]
            hidden = ("inputRequests", "result", "error")
            shown = {k: v for k, v in row.shown().items() if k not in hidden}
            if shown["status"] not in ("working", "input_required"):
                shown["status"] = "working"
            return {"resultType": "task", **shown}

        return _offered(name, call, schema_of(properties or {}))

    def _slow(self, call: Asking) -> Row:
        label = call.arguments.get("label", "")
        seconds = float(call.arguments.get("seconds", 0))
        return self._new(delay_s=seconds, result=said(text(f"computed {label}")))

    def _failing(self, _call: Asking) -> Row:
        return self._new(delay_s=1, result=said(text("job failed"), error=True))

    def _broken(self, _call: Asking) -> Row:
        error = {"code": -32603, "message": "internal failure"}
        return self._new(delay_s=0.3, result={}, error=error)

    def _confirm(self, call: Asking) -> Row:
        name = call.arguments.get("filename", "")
        ask = question(f"Delete {name}?", {"confirm": {"type": "boolean"}})
        return self._new(asks={"confirm": ask}, result=said(text(f"deleted {name}")))

    def _multi(self, _call: Asking) -> Row:
        asks = {"a": name_asked("first"), "b": name_asked("second")}
        return self._new(asks=asks, result=said(text("both")))

    def _asking(self, call: Asking) -> Row:
        if call.answer("user_name") is None:
            raise Ask({"user_name": name_asked()}, "s")
        name = call.content("user_name").get("name")
        return self._new(delay_s=0.2, result=said(text(f"Hello {name}")))


def _offered(name: str, call: Callable[[Turn, Json], Json], schema: Json) -> Tool:
    listed: Json = {
        "name": name,
        "title": name.replace("_", " "),
        "description": name,
        "inputSchema": schema or schema_of({}),
    }
    properties: Json = listed["inputSchema"].get("properties", {})
    mirrored = {
        argument: rule["x-mcp-header"]
        for argument, rule in properties.items()
        if "x-mcp-header" in rule
    }
    return Tool(describe=lambda: listed, call=call, mirrored=mirrored)


def _simple(name: str, fixture: Fixture, schema: Json) -> Tool:
    def call(turn: Turn, arguments: Json) -> Json:
        missing = [each for each in schema.get("required", ()) if each not in arguments]
        if missing:
            return said(text(f"Missing: {', '.join(missing)}"), error=True)
        answered = asked(turn, arguments, fixture)
        return said(text(answered)) if isinstance(answered, str) else answered

    return _offered(name, call, schema)


# ── resources and prompts ──
class FixtureResources:
    """The suite's resources."""

    _known: Mapping[str, Json] = {
        "test://static-text": {
            "mimeType": "text/plain",
            "text": "This is the content of the static text resource.",
        },
        "test://static-binary": {"mimeType": "image/png", "blob": PNG},
        "test://watched-resource": {"mimeType": "text/plain", "text": "Watched"},
    }

    def listed(self, _turn: Turn) -> Json:
        """All of them."""
        return {
            "resources": [
                {"uri": uri, "name": uri.rpartition("/")[2], "mimeType": known["mimeType"]}
                for uri, known in self._known.items()
            ]
        }

    def templates(self) -> Sequence[Json]:
        """The one template."""
        return ({"uriTemplate": "test://template/{id}/data", "name": "template"},)

    def read(self, _turn: Turn, uri: str) -> Sequence[Json] | None:
        """The contents."""
        if uri in self._known:
            return ({"uri": uri, **self._known[uri]},)
        name = uri.removeprefix("test://template/").removesuffix("/data")
        if uri != f"test://template/{name}/data" or not name:
            return None
        data = {"id": name, "templateTest": True, "data": f"Data for ID: {name}"}
        return ({"uri": uri, "mimeType": "application/json", "text": json.dumps(data)},)


Messages = Callable[[Asking], list[Json]]


def _user(content: Json) -> Json:
    return {"role": "user", "content": content}


def _with_context(call: Asking) -> list[Json]:
    if call.answer("user_context") is None:
        ask = question("What context should the prompt use?", {"context": TEXT})
        raise Ask({"user_context": ask})
    context = call.content("user_context").get("context")
    return [_user(text(f"Use the following context: {context}"))]


PROMPTS: Mapping[str, tuple[Sequence[str], Messages]] = {
    "test_simple_prompt": ((), lambda _: [_user(text("This is a simple prompt for testing."))]),
    "test_prompt_with_arguments": (
        ("arg1", "arg2"),
        lambda c: [
            _user(
                text(
                    f"Prompt with arguments: arg1='{c.arguments['arg1']}',"
                    f" arg2='{c.arguments['arg2']}'"
                )
            )
        ],
    ),
    "test_prompt_with_embedded_resource": (
        ("resourceUri",),
        lambda c: [
            _user(
                embedded(
                    c.arguments["resourceUri"],
                    "text/plain",
                    "Embedded resource content for testing.",
                )
            ),
            _user(text("Please process the embedded resource above.")),
        ],
    ),
    "test_prompt_with_image": (
        (),
        lambda _: [_user(IMAGE), _user(text("Please analyze the image above."))],
    ),
    "test_input_required_result_prompt": ((), _with_context),
}


def _prompt(name: str, arguments: Sequence[str], messages: Messages) -> Prompt:
    def get(turn: Turn, given: Json) -> Json:
        answered = asked(turn, given, lambda call: {"messages": messages(call)})
        return cast("Json", answered)

    wanted = [{"name": argument, "required": True} for argument in arguments]
    return Prompt(listed={"name": name, "description": name, "arguments": wanted}, get=get)


def offers() -> Offers:
    """All that the suite looks for."""
    tasks = FixtureTasks()
    return Offers(
        name="conformance",
        title="Conformance",
        version="1",
        instructions="Fixtures of the conformance suite.",
        tools={
            **{name: _simple(name, fixture, schema) for name, (fixture, schema) in SIMPLE.items()},
            **tasks.tools(),
        },
        prompts={name: _prompt(name, *of) for name, of in PROMPTS.items()},
        resources=FixtureResources(),
        tasks=tasks,
        more={
            "completion/complete": lambda _: {
                "completion": {"values": [], "total": 0, "hasMore": False}
            },
        },
        older={
            "logging/setLevel": lambda _: {},
            "resources/subscribe": lambda _: {},
            "resources/unsubscribe": lambda _: {},
        },
        capabilities={"completions": {}, "logging": {}},
    )
