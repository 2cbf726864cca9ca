"""Answers pass on as they come, are metered exactly, and stop when the run may not go on."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.asking import ANTHROPIC, DIALECTS, GEMINI, RESPONSES, Dialect, streaming
from tests.gateway.conftest import StartGateway
from tests.gateway.in_step import beginning, in_step
from tests.support.llm_gateway import Served, ServedProcess
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T4")

every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)


def ask(gateway: Served, dialect: Dialect, prompt: str = "hi", **how: bool) -> httpx.Response:
    path = dialect.whole_path if how.get("stream") is False else dialect.path
    return gateway.client.post(
        f"{gateway.url}/{dialect.provider}{path}",
        json=dialect.body(prompt, **how),
        headers=dialect.headers(),
    )


def error_of(answer: httpx.Response) -> Any:
    return answer.json()["error"]


@every_dialect
@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_passes_unchanged_and_is_metered(
    gateway: Served, scripted: Served, dialect: Dialect, stream: bool
) -> None:
    gateway.open(dialect.provider)
    answer = ask(gateway, dialect, stream=stream)
    assert answer.status_code == 200
    direct = ask_directly(scripted, dialect, stream)
    assert without_ids(answer.text) == without_ids(direct.text)
    usage = gateway.usage()
    counters = {
        "requests": 1,
        "input_tokens": 1000,
        "cached_input_tokens": 200,
        "cache_write_tokens": 0,
        "output_tokens": 50,
        "cost_usd": pytest.approx(dialect.cost_of_one),
    }
    assert usage == counters | {
        "provider": dialect.provider,
        "price_table": "2026-11-01",
        "models": {dialect.model: counters},
        "budget_exceeded": False,
        "estimated": False,
        "last_error": None,
        "last_stop": "end",
    }


def ask_directly(scripted: Served, dialect: Dialect, stream: bool) -> httpx.Response:
    path = dialect.path if stream else dialect.whole_path
    return scripted.client.post(scripted.url + path, json=dialect.body("hi", stream=stream))


def without_ids(text: str) -> str:
    digits = str.maketrans("", "", "0123456789")
    return text.translate(digits)


def test_the_first_bytes_come_before_the_last(gateway: Served) -> None:
    gateway.open()
    with streaming(gateway, ANTHROPIC, "[[scenario:stall]]") as answer:
        seen = next(answer.iter_bytes())
        assert b"message_start" in seen
        assert gateway.usage()["input_tokens"] == 1000, "known while the answer is under way"


@every_dialect
def test_a_killed_client_is_metered_and_its_request_ends(gateway: Served, dialect: Dialect) -> None:
    gateway.open(dialect.provider)
    with streaming(gateway, dialect, "[[scenario:endless]]") as answer:
        pieces = answer.iter_bytes()
        text = b"".join(next(pieces) for _ in range(5))
    assert text
    usage = eventually(lambda: (u := gateway.usage())["estimated"] and u)
    assert usage["requests"] == 1
    assert usage["output_tokens"] > 0
    assert usage["input_tokens"] > 0
    after = gateway.usage()
    assert after == usage, "nothing is counted any more"


@every_dialect
def test_a_stream_that_breaks_at_the_provider_breaks_here(
    gateway: Served, dialect: Dialect
) -> None:
    gateway.open(dialect.provider)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(gateway, dialect, "[[scenario:drop]]")
    usage = gateway.usage()
    assert usage["last_error"]["error_class"] == "network"
    assert usage["estimated"]


@every_dialect
@pytest.mark.parametrize(
    ("scenario", "error_class"),
    [
        ("e401", "auth"), ("e404", "model"), ("e429", "rate_limit"), ("e500", "server"),
        ("overloaded", "overloaded"), ("context", "context"),
    ],
)  # fmt: skip
def test_a_provider_s_error_passes_and_is_classified(
    gateway: Served, scripted: Served, dialect: Dialect, scenario: str, error_class: str
) -> None:
    gateway.open(dialect.provider)
    answer = ask(gateway, dialect, f"[[scenario:{scenario}]]")
    usage = gateway.usage()
    assert usage["last_error"]["status"] == answer.status_code
    assert usage["last_error"]["error_class"] == error_class
    assert usage["last_error"]["message"] == error_of(answer)["message"]
    assert (usage["requests"], usage["cost_usd"], usage["estimated"]) == (1, 0, False)
    assert answer.headers.get("retry-after") == ("1" if scenario == "e429" else None)
    ask(gateway, dialect)
    assert gateway.usage()["last_error"] is None, "a success is the last word"


@every_dialect
def test_a_spent_budget_refuses_the_next_request(gateway: Served, dialect: Dialect) -> None:
    gateway.open(dialect.provider, max_cost_usd=1)
    assert ask(gateway, dialect, "[[scenario:spend]]").status_code == 200
    assert not gateway.usage()["budget_exceeded"], "the answer that crossed it was paid for"
    answer = ask(gateway, dialect)
    assert answer.status_code == 403
    assert answer.headers["x-should-retry"] == "false"
    assert "budget" in error_of(answer)["message"]
    usage = gateway.usage()
    assert usage["budget_exceeded"]
    assert usage["requests"] == 1
    assert usage["last_error"]["error_class"] == "budget"


@every_dialect
def test_a_budget_that_runs_out_cuts_the_answer(
    start_gateway: StartGateway, scripted: Served, dialect: Dialect
) -> None:
    with in_step(beginning(scripted, dialect)) as (url, follow):
        gateway = start_gateway(url)
        gateway.open(dialect.provider, max_cost_usd=0.0075)
        with (
            streaming(gateway, dialect, "hi") as answer,
            pytest.raises(httpx.RemoteProtocolError),
        ):
            follow(answer)
        usage = gateway.usage()
    assert usage["budget_exceeded"]
    assert usage["estimated"]
    assert 0.0075 <= usage["cost_usd"] < 0.009


def test_a_closed_run_cuts_the_answer(gateway: Served) -> None:
    gateway.open()
    with streaming(gateway, ANTHROPIC, "[[scenario:endless]]") as answer:
        pieces = answer.iter_bytes()
        next(pieces)
        gateway.control("close", {})
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)


def test_a_model_without_a_price_has_no_cost(gateway: Served, scripted: Served) -> None:
    gateway.open("openai")
    body = RESPONSES.body("hi") | {"model": "gpt-99"}
    url = f"{gateway.url}/openai/v1/responses"
    assert gateway.client.post(url, json=body, headers=RESPONSES.headers()).status_code == 200
    ask(gateway, RESPONSES)
    usage = gateway.usage()
    assert usage["cost_usd"] is None
    assert usage["models"]["gpt-99"]["cost_usd"] is None
    assert usage["models"]["gpt-5.5"]["cost_usd"] == pytest.approx(0.0056)
    assert usage["output_tokens"] == 100


def test_with_a_budget_such_a_model_costs_as_the_dearest(gateway: Served) -> None:
    gateway.open("openai", max_cost_usd=0.03)
    body = RESPONSES.body("hi") | {"model": "gpt-99"}
    url = f"{gateway.url}/openai/v1/responses"
    ask_once = gateway.client.post(url, json=body, headers=RESPONSES.headers())
    assert ask_once.status_code == 200
    usage = gateway.usage()
    assert usage["cost_usd"] == pytest.approx(0.039)  # 1000 × $30 + 50 × $180: nothing is cached
    assert usage["estimated"]
    assert ask(gateway, RESPONSES).status_code == 403


def test_a_dead_provider_is_an_error_in_its_shape(start_gateway: StartGateway) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gateway = start_gateway(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        gateway.open("google")
        answer = ask(gateway, GEMINI)
    assert answer.status_code == 502
    assert error_of(answer)["status"] == "UNAVAILABLE"
    usage = gateway.usage()
    assert usage["last_error"]["error_class"] == "network"
    assert (usage["requests"], usage["input_tokens"]) == (1, 0)


@pytest.mark.parametrize("scenario", ["hang", "stall"])
def test_a_silent_provider_is_given_up(
    start_gateway: StartGateway, scripted: Served, scenario: str
) -> None:
    # What begins must do so within it.
    silence_s = "0.3" if scenario == "hang" else "2"
    gateway = start_gateway(scripted.url, AIWEBHOOK_GATEWAY_SILENCE_S=silence_s)
    gateway.open()
    if scenario == "hang":
        assert ask(gateway, ANTHROPIC, "[[scenario:hang]]").status_code == 504
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            ask(gateway, ANTHROPIC, "[[scenario:stall]]")
    assert gateway.usage()["last_error"]["status"] == 504


def test_a_hundred_streams_at_once_are_metered_exactly(gateway: Served) -> None:
    gateway.open()
    url = f"{gateway.url}/anthropic{ANTHROPIC.path}"

    def one(_: int) -> int:
        body = ANTHROPIC.body("hi")
        return gateway.client.post(url, json=body, headers=ANTHROPIC.headers()).status_code

    with ThreadPoolExecutor(100) as pool:
        assert set(pool.map(one, range(100))) == {200}
    usage = gateway.usage()
    assert (usage["requests"], usage["input_tokens"], usage["output_tokens"]) == (
        100,
        100_000,
        5_000,
    )


def test_a_body_of_images_passes_without_filling_the_memory(gateway_process: ServedProcess) -> None:
    gateway = gateway_process
    gateway.open()
    ask(gateway, ANTHROPIC)
    before = peak_memory(gateway)
    body = ANTHROPIC.body("hi") | {"image": "A" * (32 * 1024 * 1024)}
    url = f"{gateway.url}/anthropic/v1/messages"
    answer = gateway.client.post(url, json=body, headers=ANTHROPIC.headers())
    assert answer.status_code == 200
    assert gateway.usage()["input_tokens"] == 2000
    grown = peak_memory(gateway) - before
    assert grown < 16 * 1024, "KiB: half of the body would be a buffer"


def peak_memory(served: ServedProcess) -> int:
    """KiB; 0 where there is no /proc."""
    try:
        status = Path(f"/proc/{served.process.pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
