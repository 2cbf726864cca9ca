"""The scripted provider's server: one process for every dialect.

Paths are the providers' own, behind any prefix: `/v1/messages` and `/anthropic/v1/messages` both.
`GET /log` returns the requests received so far.
"""

import asyncio
import gzip
import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from aiohttp import web

from aiwebhook_gateway.jsons import JsonObject, as_object, encode, parse
from aiwebhook_local.scripted.anthropic import Anthropic
from aiwebhook_local.scripted.chat import Chat
from aiwebhook_local.scripted.conversation import ModelAnswer, ModelRequest
from aiwebhook_local.scripted.dialect import Dialect, Streamed
from aiwebhook_local.scripted.gemini import Gemini
from aiwebhook_local.scripted.play import play, scenario_of
from aiwebhook_local.scripted.responses import Responses
from aiwebhook_local.scripted.scenarios import SCENARIOS, ConnectionFault, Scenario

_PERIOD_S = 0.005
_DIALECTS: tuple[tuple[str, Dialect], ...] = (
    ("/messages", Anthropic()),
    ("/responses", Responses()),
    ("/chat/completions", Chat()),
    (":generateContent", Gemini()),
    (":streamGenerateContent", Gemini()),
)
_COUNTS: Mapping[str, JsonObject] = {
    "/count_tokens": {"input_tokens": 1000},
    ":countTokens": {"totalTokens": 1000},
}
_MODELS: JsonObject = {
    "object": "list",
    "data": [{"id": "scripted-model", "object": "model"}],
    "models": [],
}


@dataclass(slots=True, kw_only=True)
class ScriptedProvider:
    """Answers requests and remembers them; `log` gets one JSON line for each."""

    scenarios: Mapping[str, Scenario] = field(default_factory=lambda: SCENARIOS)
    log: TextIO | None = None
    _seen: list[JsonObject] = field(default_factory=list[JsonObject])
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        path = request.path
        if path == "/log":
            return web.json_response(self._seen)
        entry = _entry(request)
        dialect = next((d for end, d in _DIALECTS if path.endswith(end)), None)
        if request.method != "POST" or dialect is None:
            self._remember(entry)
            return _beside_the_models(request)
        body = as_object(parse(await _read(request)))
        model_request = dialect.read(path, body)
        scenario = scenario_of(self.scenarios, model_request)
        self._remember(entry | _model_entry(model_request, dialect))
        played = play(model_request, dialect, scenario, next(self._numbers))
        if not isinstance(played, ModelAnswer):
            headers = {"retry-after": "1"} if played.status == 429 else None
            return _json(played.body, played.status, headers)
        fault = scenario.fault if scenario else None
        if model_request.stream:
            return await _stream(request, dialect.stream(model_request, played), fault)
        return await _whole(request, dialect.whole(model_request, played), fault)

    def _remember(self, entry: JsonObject) -> None:
        self._seen.append(entry)
        if self.log:
            self.log.write(json.dumps(entry) + "\n")
            self.log.flush()


async def _read(request: web.BaseRequest) -> bytes:
    raw = b"".join([piece async for piece in request.content.iter_any()])
    if request.headers.get("Content-Encoding") == "gzip":
        return gzip.decompress(raw)
    return raw


def _entry(request: web.BaseRequest) -> JsonObject:
    """The request as logged: header names only, and a fingerprint of the credential, which shows
    whose key arrived.
    """
    credentials = [request.headers[name] for name in _CREDENTIALS if name in request.headers]
    credentials += [request.query["key"]] if "key" in request.query else []
    return {
        "method": request.method,
        "path": request.path,
        "query": sorted(request.query),
        "auth": [hashlib.sha256(_bare(value)).hexdigest()[:16] for value in credentials],
        "headers": sorted(name.lower() for name in request.headers),
        "host": request.host,
    }


_CREDENTIALS = ("authorization", "x-api-key", "x-goog-api-key")


def _bare(credential: str) -> bytes:
    return credential.removeprefix("Bearer ").encode("utf-8", "surrogateescape")


def _model_entry(model_request: ModelRequest, dialect: Dialect) -> JsonObject:
    return {
        "dialect": dialect.name,
        "model": model_request.model,
        "stream": model_request.stream,
        "scenario": model_request.scenario,
        "tool_results": model_request.tool_results,
        "tools": [tool.name for tool in model_request.tools],
        "directory": model_request.directory,
    }


def _beside_the_models(request: web.BaseRequest) -> web.Response:
    """Answer the CLIs' other requests: token counts, the list of models, probes."""
    path = request.path
    if request.method == "POST":
        for end, count in _COUNTS.items():
            if path.endswith(end):
                return _json(count)
    if request.method == "GET" and path.endswith("/models"):
        return _json(_MODELS)
    if request.method == "HEAD":
        return web.Response()
    error = {"type": "not_found_error", "message": "the scripted provider has no such path"}
    return _json({"type": "error", "error": error}, 404)


async def _stream(
    request: web.BaseRequest, streamed: Streamed, fault: ConnectionFault | None
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"content-type": "text/event-stream", "cache-control": "no-cache"}
    )
    if fault is ConnectionFault.HANG:
        await asyncio.Event().wait()
    await response.prepare(request)
    if fault is ConnectionFault.GARBAGE:
        await response.write(b"data: {]\n\ndata: \xff\xfe\n\n")
        return response
    for piece in (*streamed.head, *streamed.texts[:1]):
        await response.write(piece)
    match fault:
        case ConnectionFault.DROP:
            return _cut(request, response)
        case ConnectionFault.STALL:
            await asyncio.Event().wait()
        case ConnectionFault.ENDLESS:
            while True:
                await response.write(streamed.texts[0])
                await asyncio.sleep(_PERIOD_S)
        case _:
            pass
    for piece in (*streamed.texts[1:], *streamed.tail):
        await response.write(piece)
    return response


async def _whole(
    request: web.BaseRequest, answer: JsonObject, fault: ConnectionFault | None
) -> web.StreamResponse:
    match fault:
        case ConnectionFault.HANG:
            await asyncio.Event().wait()
        case ConnectionFault.GARBAGE:
            return web.Response(body=b"{]", content_type="application/json")
        case None:
            return _json(answer)
        case _:
            pass
    return _cut(request)


def _cut(
    request: web.BaseRequest, response: web.StreamResponse | None = None
) -> web.StreamResponse:
    """Abort the connection in the middle of the answer."""
    if request.transport:
        request.transport.abort()
    return response or web.Response()


def _json(
    value: JsonObject, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=encode(value), status=status, headers=headers, content_type="application/json"
    )
