"""A run of a command-line agent: as many turns as it takes until nobody has anything to add."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiwebhook.domain.attempt import ErrorClass, RunError
from aiwebhook.ids import new_uuid
from aiwebhook_runner.adapters import Adapter, Launch, Turn, adapter_for
from aiwebhook_runner.adapters.prompt import first_prompt, follow_up_prompt, resumed_prompt
from aiwebhook_runner.agent_limits import Patience, TurnCounter
from aiwebhook_runner.agent_turn import TurnRules, run_turn
from aiwebhook_runner.cli_output import RunStory, SchemaBroken, run_output
from aiwebhook_runner.events import each_text, model_event
from aiwebhook_runner.facts import StopAsked
from aiwebhook_runner.isolation import write_settings
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.limits import Excess, Limits, LimitsWatch
from aiwebhook_runner.messages import AgentMessage, Artifact, Result
from aiwebhook_runner.model_choice import EXECUTABLES, KEY_NAMES, Choice
from aiwebhook_runner.model_door import DoorAsked, Gateway, ModelDoor
from aiwebhook_runner.outcome import (
    Abandoned,
    Completed,
    Failed,
    HandedBack,
    Outcome,
    StopReason,
    judge,
)
from aiwebhook_runner.process import AgentProcess
from aiwebhook_runner.redaction import Redactor
from aiwebhook_runner.repository import WorkspaceFailed
from aiwebhook_runner.retry import Deadline, GaveUp
from aiwebhook_runner.run_scope import RunScope
from aiwebhook_runner.runs_api import TaskMessage
from aiwebhook_runner.second_opinion import second_opinion
from aiwebhook_runner.transcript import Transcript
from aiwebhook_runner.watch import KillLadder
from aiwebhook_runner.workbench import Workbench
