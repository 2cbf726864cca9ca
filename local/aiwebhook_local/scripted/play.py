"""What to answer, decided from the request alone."""

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
"""Gemini CLI asks, beside the conversation, who speaks next and which model suits."""


def play(asked: ModelRequest, dialect: Dialect, scenario: Scenario | None, number: int) -> Played:
    """The answer to the request of this number. An unknown scenario is a bad request."""
    failure = scenario.failure if scenario else ProviderFailure.BAD_REQUEST
    if scenario is None or failure:
        return dialect.refuse(failure or ProviderFailure.BAD_REQUEST)
    step = scenario.step(asked.tool_results)
    answer = ModelAnswer(
        number=number, content=SIDE_ANSWER.text, stop=scenario.stop, usage=scenario.usage
    )
    if asked.wants_json and not asked.tools:
        return replace(answer, content=_JSON_SIDE_ANSWER.decode())
    if isinstance(step, Say):
        return replace(answer, content=step.text)
    call = dialect.choose(step, asked)
    return replace(answer, content=call) if call else answer


def scenario_of(scenarios: Mapping[str, Scenario], asked: ModelRequest) -> Scenario | None:
    """The scenario of the request's marker."""
    return scenarios.get(asked.scenario)
