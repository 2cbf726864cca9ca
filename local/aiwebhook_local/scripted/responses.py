"""OpenAI Responses: Codex, and opencode with an OpenAI model."""

from aiwebhook_gateway.jsons import JsonObject, as_text, encode, objects
from aiwebhook_local.scripted import openai_failures
from aiwebhook_local.scripted.code_mode import choose_script, is_code_mode
from aiwebhook_local.scripted.conversation import (
    ModelAnswer,
    ModelRequest,
    OfferedTool,
    ScriptedToolCall,
    UserTurn,
)
from aiwebhook_local.scripted.dialect import (
    ProviderRefusal,
    Streamed,
    frame,
    halves,
    message_text,
    schema_of,
)
from aiwebhook_local.scripted.scenarios import ModelStop, ProviderFailure, ScriptedUsage
from aiwebhook_local.scripted.steps import Step
from aiwebhook_local.scripted.tool_choice import choose_tool

_RESULTS = ("function_call_output", "custom_tool_call_output", "local_shell_call_output")
_CREATED = 1_790_000_000
"""Constant, so that answers are reproducible; no CLI reads it."""


class Responses:
    """The dialect of `POST /v1/responses`."""

    name = "openai.responses"

    def read(self, _path: str, body: JsonObject, /) -> ModelRequest:
        """Read the request. For newer models, Codex lists the tools in an item of the input,
        grouped into namespaces.
        """
        given = body.get("input")
        prompt: JsonObject = {"role": "user", "content": given}
        items = [prompt] if isinstance(given, str) else objects(given)
        tools = objects(body.get("tools"))
        for item in items:
            if item.get("type") == "additional_tools":
                tools += objects(item.get("tools"))
        return ModelRequest(
            model=as_text(body.get("model")),
            stream=body.get("stream") is True,
            turns=[_turn(item) for item in items],
            tools=[offered for tool in tools for offered in _offered(tool)],
            system="\n".join(
                (
                    as_text(body.get("instructions")),
                    *(
                        message_text(item.get("content"))
                        for item in items
                        if item.get("role") in ("developer", "system")
                    ),
                )
            ),
        )

    def choose(self, step: Step, request: ModelRequest) -> ScriptedToolCall | None:
        return choose_script(step) if is_code_mode(request) else choose_tool(step, request)

    def refuse(self, failure: ProviderFailure) -> ProviderRefusal:
        return openai_failures.refuse(failure)

    def whole(self, request: ModelRequest, answer: ModelAnswer) -> JsonObject:
        return _ended(request, answer)

    def stream(self, request: ModelRequest, answer: ModelAnswer) -> Streamed:
        item = _item(answer)
        place: JsonObject = {"item_id": item["id"], "output_index": 0, "content_index": 0}
        head: list[JsonObject] = [
            {"type": "response.created", "response": _begun(request, answer)},
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": item | {"status": "in_progress"} | _emptied(answer),
            },
        ]
        texts: list[JsonObject] = []
        tail: list[JsonObject] = []
        if isinstance(answer.content, str):
            head.append(place | {"type": "response.content_part.added", "part": _text_part("")})
            texts = [
                place | {"type": "response.output_text.delta", "delta": text}
                for text in halves(answer.content)
            ]
            tail.append(place | {"type": "response.output_text.done", "text": answer.content})
        tail.append({"type": "response.output_item.done", "output_index": 0, "item": item})
        ended = f"response.{_status(answer)}"
        tail.append({"type": ended, "response": _ended(request, answer)})
        return _numbered(head, texts, tail)


def _numbered(head: list[JsonObject], texts: list[JsonObject], tail: list[JsonObject]) -> Streamed:
    events = [*head, *texts, *tail]
    frames = [
        frame(event | {"sequence_number": number}, as_text(event["type"]))
        for number, event in enumerate(events)
    ]
    first, last = len(head), len(head) + len(texts)
    return Streamed(head=frames[:first], texts=frames[first:last], tail=frames[last:])


def _turn(item: JsonObject) -> UserTurn:
    if item.get("role") == "user":
        return UserTurn(text=message_text(item.get("content")))
    return UserTurn(tool_results=int(item.get("type") in _RESULTS))


def _offered(tool: JsonObject, namespace: str | None = None) -> list[OfferedTool]:
    name = as_text(tool.get("name")) or as_text(tool.get("type"))
    if tool.get("type") == "namespace":
        return [
            offered for inner in objects(tool.get("tools")) for offered in _offered(inner, name)
        ]
    return [
        OfferedTool(
            name=name,
            namespace=namespace,
            custom=tool.get("type") == "custom",
            parameters=schema_of(tool, "parameters"),
        )
    ]


def _begun(request: ModelRequest, answer: ModelAnswer) -> JsonObject:
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": _CREATED,
        "model": request.model,
        "status": "in_progress",
        "output": [],
    }


def _ended(request: ModelRequest, answer: ModelAnswer) -> JsonObject:
    ended = _begun(request, answer) | {
        "status": _status(answer),
        "output": [_item(answer)],
        "usage": _usage(answer.usage),
    }
    if answer.stop is ModelStop.END:
        return ended
    reason = "max_output_tokens" if answer.stop is ModelStop.MAX_TOKENS else "content_filter"
    return ended | {"incomplete_details": {"reason": reason}}


def _status(answer: ModelAnswer) -> str:
    return "completed" if answer.stop is ModelStop.END else "incomplete"


def _usage(usage: ScriptedUsage) -> JsonObject:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _item(answer: ModelAnswer) -> JsonObject:
    done: JsonObject = {"status": "completed"}
    if isinstance(answer.content, str):
        message = {"type": "message", "id": f"msg_{answer.id}", "role": "assistant"}
        return done | message | {"content": [_text_part(answer.content)]}
    call = answer.content
    named = done | {"call_id": f"call_{answer.id}", "name": call.name}
    if isinstance(call.arguments, str):
        return named | {
            "type": "custom_tool_call",
            "id": f"ctc_{answer.id}",
            "input": call.arguments,
        }
    if call.namespace:
        named["namespace"] = call.namespace
    arguments = encode(call.arguments).decode()
    return named | {"type": "function_call", "id": f"fc_{answer.id}", "arguments": arguments}


def _text_part(text: str) -> JsonObject:
    return {"type": "output_text", "text": text, "annotations": list[object]()}


def _emptied(answer: ModelAnswer) -> JsonObject:
    return {"content": []} if isinstance(answer.content, str) else {}
