"""Decides the answer from the request alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from aiwebhook_gateway.jsons import encode
from aiwebhook_local.scripted.conversation import ModelAnswer, ModelRequest
from aiwebhook_local.scripted.dialect import Dialect, ProviderRefusal
from aiwebhook_local.scripted.scenarios import SIDE_ANSWER, ProviderFailure, Scenario
from aiwebhook_local.scripted.steps import Say

Played: TypeAlias = ModelAnswer | ProviderRefusal

_JSON_SIDE_ANSWER = encode({"reasoning": "scripted", "next_speaker": "user", "model_choice": "pro"})
"""Answers Gemini CLI's side requests: who speaks next, and which model to use."""


def play(request: ModelRequest, dialect: Dialect, scenario: Scenario | None, number: int) -> Played:
    """The answer to a request; `number` makes its ids unique. Refuses an unknown scenario."""
    failure = scenario.failure if scenario else ProviderFailure.BAD_REQUEST
    if scenario is None or failure:
        return dialect.refuse(failure or ProviderFailure.BAD_REQUEST)
    step = scenario.step(request.tool_results)
    answer = ModelAnswer(
        number=number, content=SIDE_ANSWER.text, stop=scenario.stop, usage=scenario.usage
    )
    if request.wants_json and not request.tools:
        return replace(answer, content=_JSON_SIDE_ANSWER.decode())
    if isinstance(step, Say):
        return replace(answer, content=step.text)
    call = dialect.choose(step, request)
    return replace(answer, content=call) if call else answer


def scenario_of(scenarios: Mapping[str, Scenario], request: ModelRequest) -> Scenario | None:
    """The scenario that the request's marker names; None if there is no such scenario."""
    return scenarios.get(request.scenario)
