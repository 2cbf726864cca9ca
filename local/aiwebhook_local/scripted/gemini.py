"""Gemini generateContent, whole and streamed: Gemini CLI, and opencode with a Google model."""

import re

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, objects
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

_MODEL = re.compile(r"/models/([^/:]+):")
_FINISH = {ModelStop.END: "STOP", ModelStop.MAX_TOKENS: "MAX_TOKENS", ModelStop.REFUSAL: "SAFETY"}
_FAILURES = {
    ProviderFailure.BAD_REQUEST: (400, "INVALID_ARGUMENT", "scripted 400"),
    ProviderFailure.AUTH: (401, "UNAUTHENTICATED", "API key not valid (scripted)."),
    ProviderFailure.PERMISSION: (403, "PERMISSION_DENIED", "scripted 403"),
    ProviderFailure.NOT_FOUND: (404, "NOT_FOUND", "The model is not found (scripted)."),
    ProviderFailure.RATE_LIMIT: (429, "RESOURCE_EXHAUSTED", "scripted rate limit"),
    ProviderFailure.SERVER: (500, "INTERNAL", "scripted 500"),
    ProviderFailure.OVERLOADED: (503, "UNAVAILABLE", "The model is overloaded (scripted)."),
    ProviderFailure.CONTEXT: (
        400,
        "INVALID_ARGUMENT",
        "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
    ),
}


class Gemini:
    """POST /v1beta/models/MODEL:generateContent and :streamGenerateContent?alt=sse."""

    name = "google.generate"

    def read(self, path: str, body: JsonObject, /) -> ModelRequest:
        model = _MODEL.search(path)
        config = as_object(body.get("generationConfig"))
        users = [c for c in objects(body.get("contents")) if c.get("role", "user") == "user"]
        return ModelRequest(
            model=model.group(1) if model else "",
            stream=":streamGenerateContent" in path,
            turns=[
                UserTurn(
                    text=message_text(content.get("parts")),
                    tool_results=sum(
                        "functionResponse" in part for part in objects(content.get("parts"))
                    ),
                )
                for content in users
            ],
            tools=[
                OfferedTool(
                    name=as_text(function.get("name")),
                    parameters=schema_of(function, "parametersJsonSchema", "parameters"),
                )
                for tool in objects(body.get("tools"))
                for function in objects(tool.get("functionDeclarations"))
            ],
            system=message_text(as_object(body.get("systemInstruction")).get("parts")),
            wants_json=config.get("responseMimeType") == "application/json",
        )

    def choose(self, step: Step, request: ModelRequest) -> ScriptedToolCall | None:
        return choose_tool(step, request)

    def refuse(self, failure: ProviderFailure) -> ProviderRefusal:
        status, name, message = _FAILURES[failure]
        error = {"code": status, "message": message, "status": name}
        return ProviderRefusal(status=status, body={"error": error})

    def whole(self, request: ModelRequest, answer: ModelAnswer) -> JsonObject:
        usage = _usage(answer.usage, answer.usage.output_tokens)
        return _chunk(request, answer, _part(answer), finish=_FINISH[answer.stop]) | usage

    def stream(self, request: ModelRequest, answer: ModelAnswer) -> Streamed:
        """As in the real API, every chunk has the usage so far, and the last one all of it."""
        if isinstance(answer.content, str):
            parts: list[JsonObject] = [{"text": text} for text in halves(answer.content)]
        else:
            parts = [_part(answer)]
        begun, ended = _usage(answer.usage, 1), _usage(answer.usage, answer.usage.output_tokens)
        closing = _chunk(request, answer, {"text": ""}, finish=_FINISH[answer.stop]) | ended
        return Streamed(
            head=[],
            texts=[frame(_chunk(request, answer, part) | begun) for part in parts],
            tail=[frame(closing)],
        )


def _part(answer: ModelAnswer) -> JsonObject:
    if isinstance(answer.content, str):
        return {"text": answer.content}
    return {"functionCall": {"name": answer.content.name, "args": answer.content.arguments}}


def _chunk(
    request: ModelRequest, answer: ModelAnswer, part: JsonObject, finish: str | None = None
) -> JsonObject:
    candidate: JsonObject = {"content": {"role": "model", "parts": [part]}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "modelVersion": request.model,
        "responseId": answer.id,
    }


def _usage(usage: ScriptedUsage, output_tokens: int) -> JsonObject:
    return {
        "usageMetadata": {
            "promptTokenCount": usage.input_tokens,
            "cachedContentTokenCount": usage.cached_tokens,
            "candidatesTokenCount": output_tokens,
            "totalTokenCount": usage.input_tokens + output_tokens,
        }
    }
