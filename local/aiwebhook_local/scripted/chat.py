"""OpenAI chat completions: opencode with any provider that speaks it."""

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, encode, objects
from aiwebhook_local.scripted import openai_failures
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

_FINISH = {
    ModelStop.END: "stop",
    ModelStop.MAX_TOKENS: "length",
    ModelStop.REFUSAL: "content_filter",
}
_CREATED = 1_790_000_000


class Chat:
    """The dialect of `POST /v1/chat/completions`."""

    name = "openai.chat"

    def read(self, _path: str, body: JsonObject, /) -> ModelRequest:
        messages = objects(body.get("messages"))
        functions = [as_object(tool.get("function")) for tool in objects(body.get("tools"))]
        return ModelRequest(
            model=as_text(body.get("model")),
            stream=body.get("stream") is True,
            turns=[
                UserTurn(
                    text=message_text(message.get("content"))
                    if message.get("role") == "user"
                    else "",
                    tool_results=int(message.get("role") == "tool"),
                )
                for message in messages
            ],
            tools=[
                OfferedTool(
                    name=as_text(tool.get("name")), parameters=schema_of(tool, "parameters")
                )
                for tool in functions
            ],
            system="\n".join(
                message_text(message.get("content"))
                for message in messages
                if message.get("role") in ("system", "developer")
            ),
        )

    def choose(self, step: Step, request: ModelRequest) -> ScriptedToolCall | None:
        return choose_tool(step, request)

    def refuse(self, failure: ProviderFailure) -> ProviderRefusal:
        return openai_failures.refuse(failure)

    def whole(self, request: ModelRequest, answer: ModelAnswer) -> JsonObject:
        said: JsonObject = {"role": "assistant", "content": None}
        if isinstance(answer.content, str):
            said["content"] = answer.content
        else:
            said["tool_calls"] = [_call(answer, answer.content)]
        choice = {"index": 0, "finish_reason": _finish(answer), "message": said}
        return _completion(request, answer, "chat.completion") | {
            "choices": [choice],
            "usage": _usage(answer.usage),
        }

    def stream(self, request: ModelRequest, answer: ModelAnswer) -> Streamed:
        """Always includes the usage; the real API does if stream_options request it, as
        the SDKs do.
        """

        def chunk(delta: JsonObject, finish: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return frame(
                _completion(request, answer, "chat.completion.chunk") | {"choices": [choice]}
            )

        if isinstance(answer.content, str):
            texts = [chunk({"content": text}) for text in halves(answer.content)]
        else:
            texts = [chunk({"tool_calls": [{"index": 0} | _call(answer, answer.content)]})]
        closing: JsonObject = _completion(request, answer, "chat.completion.chunk") | {
            "choices": list[object](),
            "usage": _usage(answer.usage),
        }
        return Streamed(
            head=[chunk({"role": "assistant", "content": ""})],
            texts=texts,
            tail=[chunk({}, _finish(answer)), frame(closing), frame("[DONE]")],
        )


def _completion(request: ModelRequest, answer: ModelAnswer, kind: str) -> JsonObject:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": _CREATED,
        "model": request.model,
    }


def _call(answer: ModelAnswer, call: ScriptedToolCall) -> JsonObject:
    function = {"name": call.name, "arguments": encode(call.arguments).decode()}
    return {"id": f"call_{answer.id}", "type": "function", "function": function}


def _finish(answer: ModelAnswer) -> str:
    return _FINISH[answer.stop] if isinstance(answer.content, str) else "tool_calls"


def _usage(usage: ScriptedUsage) -> JsonObject:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
