"""The deployed REST API, served by the emulator's own gateway and function processes."""

import asyncio
from urllib.parse import quote

from aiwebhook_local import emulator, problems
from aiwebhook_local.emulator import AsgiScope, EmulatorReply
from aiwebhook_local.function_call import FunctionCall, current_call
from aiwebhook_local.functions.rest_api import ApiRequest
from aiwebhook_local.transform import LOCAL_STAGE, REST_API_ID

_API_PATH = f"/restapis/{REST_API_ID}/{LOCAL_STAGE}/_user_request_"


class EmulatedApi:
    """Answers requests of the API by passing them to the emulator."""

    plays_lambda = False

    def __init__(self) -> None:
        self._unheard: set[asyncio.Future[EmulatorReply]] = set()
        """Calls whose caller has disconnected: the emulator finishes what it began."""

    async def answer(self, request: ApiRequest) -> problems.FrontResponse:
        """Answer one request. If cancelled, the process that works on it is ended."""
        call = FunctionCall()
        current_call.set(call)
        exchange = asyncio.ensure_future(emulator.exchange(_scope(request), request.body))
        self._unheard.add(exchange)
        exchange.add_done_callback(self._unheard.discard)
        try:
            reply = await asyncio.shield(exchange)
        except asyncio.CancelledError:
            call.abandon()
            raise
        if call.too_late:
            return problems.problem_response(problems.no_answer_in_time())
        answered = {name.decode(): value.decode("latin-1") for name, value in reply.headers}
        problem = problems.of_gateway(reply.status, answered, reply.body)
        if problem is not None:
            return problems.problem_response(problem)
        return problems.FrontResponse(status=reply.status, headers=reply.headers, body=reply.body)

    async def invoke(self, function: str, event: bytes) -> problems.FrontResponse:
        """Never called: the emulator serves its own invocations."""
        raise NotImplementedError

    async def start_functions(self) -> None:
        """Start one process of every function."""
        await asyncio.to_thread(emulator.start_functions)


def _scope(request: ApiRequest) -> AsgiScope:
    """The same request, addressed to the emulator's REST API."""
    path = _API_PATH + request.path
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": request.method,
        "path": path,
        "raw_path": quote(path).encode(),
        # The emulator reads it as UTF-8 and fails on anything else.
        "query_string": quote(request.query, safe="%&=+/:;,?@!$'()*~-._[]").encode(),
        "headers": request.headers,
        "client": (request.address, 0),
        "server": ("127.0.0.1", 0),
    }
