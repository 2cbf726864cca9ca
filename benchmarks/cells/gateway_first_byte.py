"""What the LLM gateway adds to the first byte of an answer."""

from __future__ import annotations

import http.client
import json
import os
import statistics
from collections.abc import Callable
from functools import partial
from time import perf_counter

import psutil

from benchmarks.lab import Effort, Lab, percentile, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, ms
from tests.support.llm_gateway import (
    RUN_TOKEN,
    Served,
    ServedProcess,
    running_gateway,
    running_scripted,
)

_PROMPTS = {"2 KB": 2_000, "100 KB": 100_000, "300 KB": 300_000, "1 MB": 1_000_000}
"""Agents send their whole conversation each time: mostly 50 to 500 KB."""
_MESSAGE = "All work and no play makes Jack a dull boy.\n" * 22
_TARGET_S = 0.005
_HEADER = ("prompt", "directly", "through the gateway", "added (median)", "added (p90)")
_WAKING = (
    "It wakes at least twice before that byte, for the request and for the answer: where more "
    "programs want to run than there are processors, it waits for its turn each time."
)


def run(lab: Lab, effort: Effort) -> Section:
    """The same streamed answer of the scripted provider, asked directly and through the gateway."""
    rounds = 40 if effort.quick else 250
    say(f"gateway: {rounds} pairs for each prompt")
    with (
        running_scripted(lab.folder) as provider,
        running_gateway(lab.folder, provider.url) as gateway,
    ):
        gateway.open("anthropic")
        routes = {"directly": (provider, ""), "gateway": (gateway, "/anthropic")}
        cells: dict[tuple[str, str], Callable[[], float]] = {
            (prompt, route): partial(_first_byte_s, _connected(served), prefix, _body(size))
            for prompt, size in _PROMPTS.items()
            for route, (served, prefix) in routes.items()
        }
        for measure in cells.values():
            measure()
        before = _cpu_s(gateway)
        found = shuffled_rounds(cells, rounds)
        cpu = (_cpu_s(gateway) - before) / (rounds * len(_PROMPTS))
    return _section(found, rounds, cpu)


def _cpu_s(served: ServedProcess) -> float:
    used = psutil.Process(served.process.pid).cpu_times()
    return used.user + used.system


def _connected(served: Served) -> http.client.HTTPConnection:
    host, port = served.url.removeprefix("http://").split(":")
    return http.client.HTTPConnection(host, int(port))


def _body(size: int) -> bytes:
    """A conversation of messages of 1 KB."""
    messages = [
        {"role": ("user", "assistant")[number % 2], "content": _MESSAGE}
        for number in range(size // len(_MESSAGE))
    ]
    body = {"model": "claude-sonnet-4-5", "stream": True, "messages": messages}
    return json.dumps(body).encode()


def _first_byte_s(connection: http.client.HTTPConnection, prefix: str, body: bytes) -> float:
    """From the request's first byte sent to the answer's first byte of body."""
    headers = {"x-api-key": RUN_TOKEN, "content-type": "application/json"}
    started = perf_counter()
    connection.request("POST", f"{prefix}/v1/messages", body, headers)
    answer = connection.getresponse()
    answer.read(1)
    first = perf_counter() - started
    answer.read()
    return first


def _section(found: dict[tuple[str, str], list[float]], rounds: int, cpu: float) -> Section:
    rows: list[tuple[str, ...]] = []
    added: dict[str, float] = {}
    for prompt in _PROMPTS:
        direct, through = found[prompt, "directly"], found[prompt, "gateway"]
        pairs = [late - early for early, late in zip(direct, through, strict=True)]
        added[prompt] = statistics.median(pairs)
        medians = (statistics.median(direct), statistics.median(through), added[prompt])
        rows.append((prompt, *map(ms, medians), ms(percentile(pairs, 0.9))))
    worst = max(added.values())
    return Section(
        title="LLM gateway: time added to the first byte",
        how=(
            f"Scripted provider, gateway and client on one machine, loopback, kept-alive "
            f"connections; {rounds} pairs for each prompt, in a new order each round. Load of the "
            f"last minute {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs."
        ),
        tables=(
            Table(
                header=_HEADER,
                rows=rows,
            ),
        ),
        verdicts=(
            Verdict(
                target="the gateway adds ≤ 5 ms to the first byte, up to a prompt of 1 MB",
                measured=f"{ms(worst)} (median of pairs, the worst of the prompts)",
                met=worst <= _TARGET_S,
            ),
        ),
        notes=(
            f"The gateway uses {ms(cpu)} of CPU for a request and its whole answer, on average.",
            _WAKING,
        ),
    )
