"""The HTTP client: what it retries, what it raises, what it sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from aiwebhook import errors
from aiwebhook.client import Client, RetryPolicy
from aiwebhook.client.transport import TransportOptions
from aiwebhook.client.wire import ClientRequest, HttpReply, NotReached, Unanswered
from aiwebhook.domain.identity import Scope
from tests.support.http_front import HttpFront
from tests.support.session_api import BRIEF, ApiDriver, session_api_handler

Answer = Callable[[ClientRequest], HttpReply]


class Server:
    """Answers from a script and remembers the requests; pauses are remembered, not slept."""

    def __init__(self, *replies: Answer | HttpReply) -> None:
        self._replies = list(replies)
        self.requests: list[ClientRequest] = []
        self.pauses: list[float] = []

    def __call__(self, request: ClientRequest) -> HttpReply:
        self.requests.append(request)
        reply = self._replies.pop(0)
        return reply if isinstance(reply, HttpReply) else reply(request)

    def client(self, *, attempts: int = 5) -> Client:
        """A client of this server."""
        options = TransportOptions(
            retry=RetryPolicy(attempts=attempts),
            sleep=self.pauses.append,
            exchange=self,
        )
        return Client("http://api.test", api_key="aiw_key", options=options)


def problem(status: int, code: str, **headers: str) -> HttpReply:
    body = {"status": status, "code": code, "detail": "a detail", "remedy": "a remedy"}
    return HttpReply(status=status, content=json.dumps(body).encode(), headers=headers)


def ok(**body: object) -> HttpReply:
    return HttpReply(status=200, content=json.dumps(body).encode())


def refuse(_: ClientRequest) -> HttpReply:
    raise NotReached("refused")


def hang_up(_: ClientRequest) -> HttpReply:
    raise Unanswered("hung up")


@contextmanager
def live_client(database: str) -> Generator[tuple[Client, ApiDriver]]:
    driver = ApiDriver(database)
    with (
        HttpFront(session_api=lambda: session_api_handler(database, driver.outside)) as front,
        Client(front.url, api_key=driver.key) as client,
    ):
        yield client, driver
    driver.outside.close()


@pytest.mark.req("S8")
@pytest.mark.parametrize(
    "trouble", [refuse, hang_up, problem(429, "rate_limited"), problem(502, "x"), problem(503, "x")]
)
def test_passing_trouble_is_retried_under_one_idempotency_key(
    trouble: Answer | HttpReply,
) -> None:
    server = Server(trouble, trouble, ok(data={"session_id": "s"}))

    with server.client() as client:
        assert client.create_session("s") == {"session_id": "s"}

    keys = {request.headers["Idempotency-Key"] for request in server.requests}
    assert (len(server.requests), len(keys)) == (3, 1)
    assert len(server.pauses) == 2


@pytest.mark.req("W6")
def test_retry_after_is_honoured_up_to_its_patience() -> None:
    server = Server(problem(503, "x", **{"retry-after": "7"}), ok(items=[]))
    impatient = Server(problem(429, "rate_limited", **{"retry-after": "3600"}))

    with server.client() as client, impatient.client() as other:
        client.get("/v1/agents")
        with pytest.raises(errors.RateLimited) as caught:
            other.get("/v1/agents")

    assert server.pauses == [7]
    assert caught.value.retry_after_s == 3600


@pytest.mark.req("S8")
def test_trouble_that_stays_is_raised_with_its_remedy() -> None:
    server = Server(*[refuse] * 3)

    with server.client(attempts=3) as client, pytest.raises(errors.Unavailable) as caught:
        client.get("/v1/agents")

    assert caught.value.code == "unreachable"
    assert "http://api.test" in caught.value.detail
    assert "aiwebhook local up" in caught.value.remedy


@pytest.mark.req("T8")
def test_a_claim_whose_answer_was_lost_is_not_repeated() -> None:
    server = Server(hang_up)

    with server.client() as client, pytest.raises(errors.Unavailable):
        client.claim_run(worker_id="w", agents=["researcher"])

    assert len(server.requests) == 1


def claimed(client: Client) -> object:
    return client.claim_run(worker_id="w", agents=["researcher"])


def beaten(client: Client) -> object:
    return client.heartbeat_runs("w", ["token"])


@pytest.mark.req("T8")
@pytest.mark.parametrize("call", [claimed, beaten, Client.agents])
def test_an_answer_that_is_not_the_apis_is_an_error_of_the_tree(
    call: Callable[[Client], object],
) -> None:
    """A worker takes it for an outage; a KeyError would end the thread that called."""
    with (
        Server(ok(page="parked")).client() as client,
        pytest.raises(errors.AiWebhookError) as caught,
    ):
        call(client)

    assert "did not come from AI Webhook" in caught.value.remedy


@pytest.mark.req("S8")
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "not_json", errors.NotJson),
        (401, "key_revoked", errors.Unauthorized),
        (403, "scope_missing", errors.Forbidden),
        (404, "task_not_found", errors.NotFound),
        (409, "session_exists", errors.Conflict),
        (409, "lease_lost", errors.LeaseLost),
        (413, "body_too_large", errors.TooLarge),
        (422, "invalid", errors.Invalid),
        (500, "internal", errors.AiWebhookError),
    ],
)
def test_problems_become_the_errors_they_were(
    status: int, code: str, kind: type[errors.AiWebhookError]
) -> None:
    server = Server(problem(status, code))

    with server.client() as client, pytest.raises(errors.AiWebhookError) as caught:
        client.task("task_1")

    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.detail) == (code, "a detail")
    assert caught.value.remedy == "a remedy"
    assert len(server.requests) == 1


@pytest.mark.req("S8")
@pytest.mark.parametrize("body", [b"<html>", b"\xff", b"[]", b""])
def test_an_answer_that_is_not_ours_is_no_trace(body: bytes) -> None:
    server = Server(
        HttpReply(status=404, content=body), HttpReply(status=200, content=body or b"x")
    )

    with server.client() as client:
        with pytest.raises(errors.NotFound):
            client.task("task_1")
        if body != b"[]":
            with pytest.raises(errors.AiWebhookError):
                client.task("task_1")


@pytest.mark.req("S8")
@pytest.mark.parametrize("address", ["", "nowhere", "ftp://x", "http://", "http://[", "http://a b"])
def test_an_address_that_is_none_is_said_to_be_none(address: str) -> None:
    with (
        pytest.raises(errors.Unavailable) as caught,
        Client(address, retry=RetryPolicy(attempts=1)) as client,
    ):
        client.get("/healthz")

    assert caught.value.code == "unreachable"


@pytest.mark.req("S8")
@pytest.mark.parametrize("value", [float("nan"), "\ud800"])
def test_what_cannot_be_sent_is_refused_before_it_is(value: object) -> None:
    server = Server()

    with server.client() as client, pytest.raises(errors.Invalid):
        client.command("create_session", "s", {"metadata": {"x": value}})


@pytest.mark.req("S8")
def test_ids_are_quoted_and_nothing_empty_is_sent() -> None:
    server = Server(ok(data={}), ok(data={}), ok(items=[]))

    with server.client() as client:
        client.task("a/b ü")
        client.append_conversation("s", "text", chunk_id=None)
        client.project_events(after=None, wait_s=2.5)

    assert server.requests[0].target == "/v1/tasks/a%2Fb%20%C3%BC"
    assert server.requests[1].body == b'{"content":"text"}'
    assert server.requests[2].target == "/v1/events?wait=2.5"


@pytest.mark.req("T8")
def test_a_worker_does_a_task_from_delegation_to_result(database: str) -> None:
    with live_client(database) as (client, _):
        client.create_session("s", title="Copper")
        client.append_conversation("s", "Copper it is.")
        task = client.delegate_task("s", agent_name="researcher", description="Why copper?")

        run = client.claim_run(worker_id="w", agents=["researcher"], wait_s=0)
        assert run is not None
        with run:
            assert run.context().chunks[0]["content"] == "Copper it is."
            assert run.signal(wait_s=0) is False
            assert run.heartbeat(progress={"percent": 50}) is False
            lines = [{"type": "log", "data": {"line": n}} for n in range(1, 4)]
            assert run.record_events(lines[:2], first_no=1).accepted == 2
            assert run.record_events(lines, first_no=1).accepted == 1
            assert run.record_events([{"type": "log"}]).accepted == 1
            run.add_artifact(name="brief", type="report", content="# Copper")
            assert run.complete(output=BRIEF, say="Done.") == "completed"

        ended = client.wait_for_task(task["task_id"], timeout_s=20)
        events = client.events("s")["items"]

        assert (ended["status"], ended["output"]) == ("completed", BRIEF)
        assert events[-1]["type"] == "task.completed"
        assert client.claim_run(worker_id="w", agents=["researcher"], wait_s=0) is None
        assert client.artifacts("s")["artifacts"][0]["name"] == "brief"


@pytest.mark.req("T8")
def test_a_worker_beats_for_its_runs_and_leaves_checkpoints(database: str) -> None:
    with live_client(database) as (client, _):
        client.create_session("s")
        task = client.delegate_task("s", agent_name="gemini_cli", description="d", repo="a/b")
        about: dict[str, object] = {"version": "0.1.0"}
        run = client.claim_run(worker_id="w", agents=["gemini"], wait_s=0, details=about, room=1)
        assert run is not None
        with run:
            run.save_checkpoint(data={"turn": 1})
            run.record_events([], usage={"requests": 1, "cost_usd": 0.5})
            client.change_task(task["task_id"], "reply", {"message": "Also the tests."})
            with pytest.raises(errors.MessagesWaiting):
                run.complete(output={}, messages_seen=0)
            (message,) = run.messages()
            (beat, strange) = client.heartbeat_runs("w", [run.input["lease_token"], "x"])
            done = run.complete(output={}, messages_seen=message.number)

        assert (beat.lost, strange.lost) == (False, True)
        assert (message.text, done) == ("Also the tests.", "completed")
        assert client.task(task["task_id"])["usage"]["cost_usd"] == 0.5
        assert client.workers()["items"][0]["version"] == "0.1.0"
        assert {"gemini", "codex"} <= {agent["agent_name"] for agent in client.agents()}


@pytest.mark.req("S8")
def test_waiting_has_an_end(database: str) -> None:
    with live_client(database) as (client, _):
        client.create_session("s")
        task = client.delegate_task("s", agent_name="researcher", description="d")

        with pytest.raises(errors.Unavailable) as caught:
            client.wait_for_task(task["task_id"], timeout_s=0)

        assert caught.value.code == "wait_timeout"


@pytest.mark.req("O7")
def test_a_key_without_the_scope_is_told_which(database: str) -> None:
    with live_client(database) as (client, driver):
        reader = Client(client.base_url, api_key=driver.make_key(Scope.READ))

        with reader, pytest.raises(errors.Forbidden, match="commands"):
            reader.create_session("s")
