"""Anthropic Messages: Claude Code, and opencode with an Anthropic model."""

from aiwebhook_gateway.jsons import JsonObject, as_text, encode, objects
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

_FAILURES = {
    ProviderFailure.BAD_REQUEST: (400, "invalid_request_error", "scripted 400"),
    ProviderFailure.AUTH: (401, "authentication_error", "invalid x-api-key"),
    ProviderFailure.PERMISSION: (403, "permission_error", "scripted 403"),
    ProviderFailure.NOT_FOUND: (404, "not_found_error", "model: scripted 404"),
    ProviderFailure.RATE_LIMIT: (429, "rate_limit_error", "scripted rate limit"),
    ProviderFailure.SERVER: (500, "api_error", "scripted 500"),
    ProviderFailure.OVERLOADED: (529, "overloaded_error", "Overloaded"),
    ProviderFailure.CONTEXT: (
        400,
        "invalid_request_error",
        "prompt is too long: 250000 tokens > 200000 maximum",
    ),
}


class Anthropic:
    """The dialect of Anthropic's `POST /v1/messages`."""

    name = "anthropic.messages"

    def read(self, _path: str, body: JsonObject, /) -> ModelRequest:
        """Read the request. A user's message may hold both text and tool results."""
        users = [m for m in objects(body.get("messages")) if m.get("role") == "user"]
        return ModelRequest(
            model=as_text(body.get("model")),
            stream=body.get("stream") is True,
            turns=[
                UserTurn(
                    text=message_text(message.get("content")),
                    tool_results=sum(
                        block.get("type") == "tool_result"
                        for block in objects(message.get("content"))
                    ),
                )
                for message in users
            ],
            tools=[
                OfferedTool(
                    name=as_text(tool.get("name")), parameters=schema_of(tool, "input_schema")
                )
                for tool in objects(body.get("tools"))
            ],
            system=message_text(body.get("system")),
        )

    def choose(self, step: Step, request: ModelRequest) -> ScriptedToolCall | None:
        return choose_tool(step, request)

    def refuse(self, failure: ProviderFailure) -> ProviderRefusal:
        status, kind, message = _FAILURES[failure]
        return ProviderRefusal(
            status=status, body={"type": "error", "error": {"type": kind, "message": message}}
        )

    def whole(self, request: ModelRequest, answer: ModelAnswer) -> JsonObject:
        return _message(request, answer) | {
            "content": [_block(answer)],
            "stop_reason": _stop_reason(answer),
            "usage": _usage(answer.usage, answer.usage.output_tokens),
        }

    def stream(self, request: ModelRequest, answer: ModelAnswer) -> Streamed:
        block = _block(answer)
        if isinstance(answer.content, str):
            texts = [
                _delta({"type": "text_delta", "text": text}) for text in halves(answer.content)
            ]
            opened = block | {"text": ""}
        else:
            arguments = encode(answer.content.arguments).decode()
            texts = [_delta({"type": "input_json_delta", "partial_json": arguments})]
            opened = block | {"input": JsonObject()}
        return Streamed(
            head=[
                _event({"type": "message_start", "message": _message(request, answer)}),
                _event({"type": "content_block_start", "index": 0, "content_block": opened}),
                _event({"type": "ping"}),
            ],
            texts=texts,
            tail=[
                _event({"type": "content_block_stop", "index": 0}),
                _event(
                    {
                        "type": "message_delta",
                        "delta": {"stop_reason": _stop_reason(answer), "stop_sequence": None},
                        "usage": {"output_tokens": answer.usage.output_tokens},
                    }
                ),
                _event({"type": "message_stop"}),
            ],
        )


def _message(request: ModelRequest, answer: ModelAnswer) -> JsonObject:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(answer.usage, 1),
    }


def _usage(usage: ScriptedUsage, output_tokens: int) -> JsonObject:
    """Anthropic's input count excludes cached tokens."""
    return {
        "input_tokens": usage.input_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": output_tokens,
    }


def _block(answer: ModelAnswer) -> JsonObject:
    if isinstance(answer.content, str):
        return {"type": "text", "text": answer.content}
    call = answer.content
    return {
        "type": "tool_use",
        "id": f"toolu_{answer.id}",
        "name": call.name,
        "input": call.arguments,
    }


def _stop_reason(answer: ModelAnswer) -> str:
    if not isinstance(answer.content, str):
        return "tool_use"
    return "end_turn" if answer.stop is ModelStop.END else answer.stop.value


def _event(data: JsonObject) -> bytes:
    return frame(data, as_text(data["type"]))


def _delta(delta: JsonObject) -> bytes:
    return _event({"type": "content_block_delta", "index": 0, "delta": delta})
