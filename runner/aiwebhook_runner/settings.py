"""Everything the runner takes from its environment, read once."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiwebhook.domain.provider import AGENT_SECRETS, keys_in
from aiwebhook.sealed import forget

REQUIRED = (
    "AIWEBHOOK_API_URL",
    "AIWEBHOOK_TASK_ID",
    "AIWEBHOOK_BOOTSTRAP_CODE",
    "AIWEBHOOK_CORRELATION_ID",
)


OWN_SECRETS = ("AIWEBHOOK_BOOTSTRAP_CODE", *AGENT_SECRETS)

_DURATIONS = {
    "AIWEBHOOK_KILL_GRACE_S": "kill_grace_s",
    "AIWEBHOOK_DRAIN_S": "drain_s",
    "AIWEBHOOK_API_SILENCE_S": "api_silence_s",
    "AIWEBHOOK_CHECKPOINT_S": "checkpoint_s",
}


class SettingsMissing(ValueError):
    """At least one required variable is not set; the message lists all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """Durations are in seconds. The defaults are the contract's; tests shorten them."""

    api_url: str
    task_id: str
    bootstrap_code: str = field(repr=False)
    correlation_id: str
    work_dir: Path
    path: str
    kill_grace_s: float = 5.0
    """From SIGTERM to SIGKILL of the agent."""
    drain_s: float = 9.5
    """From our own SIGTERM to our exit; ECS and laptops are promised 10."""
    api_silence_s: float = 900.0
    """How long an unreachable API is tolerated. Far longer than a lease, because a finished result
    is worth waiting for: the epoch guards the write, so a late one can do no harm.
    """
    checkpoint_s: float = 180.0
    """Between two checkpoints of an agent that can resume."""
    gateway_url: str = ""
    """Of the LLM gateway beside us; empty: we start our own."""
    agent_environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """The supervisor's own variables; an agent gets only those its manifest declares."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "RunnerSettings":
        """Raises SettingsMissing naming all missing variables."""
        env = os.environ if env is None else env
        missing = [name for name in REQUIRED if not env.get(name)]
        if missing:
            raise SettingsMissing(f"missing environment variables: {', '.join(missing)}")
        durations = {
            field_name: float(env[name]) for name, field_name in _DURATIONS.items() if env.get(name)
        }
        return cls(
            api_url=env["AIWEBHOOK_API_URL"].rstrip("/"),
            task_id=env["AIWEBHOOK_TASK_ID"],
            bootstrap_code=env["AIWEBHOOK_BOOTSTRAP_CODE"],
            correlation_id=env["AIWEBHOOK_CORRELATION_ID"],
            work_dir=Path(env.get("AIWEBHOOK_WORK_DIR") or tempfile.gettempdir()),
            path=env.get("PATH") or "/usr/local/bin:/usr/bin:/bin",
            gateway_url=env.get("AIWEBHOOK_GATEWAY_URL") or "",
            agent_environment=_with_real_keys(env),
            **durations,
        )

    @classmethod
    def of_delegated_run(
        cls, *, task_id: str, correlation_id: str, env: Mapping[str, str] | None = None
    ) -> "RunnerSettings":
        """For a run delegated by a worker: it comes with its lease, so there is
        no bootstrap code.
        """
        own = {
            "AIWEBHOOK_TASK_ID": task_id,
            "AIWEBHOOK_BOOTSTRAP_CODE": "none",
            "AIWEBHOOK_CORRELATION_ID": correlation_id or task_id,
        }
        return cls.from_env({**(os.environ if env is None else env), **own})


def _with_real_keys(env: Mapping[str, str]) -> dict[str, str]:
    others = {name: value for name, value in env.items() if name not in AGENT_SECRETS}
    return others | keys_in(env)


def forget_own_secrets() -> None:
    """Remove the run's own credentials from the environment once they were read."""
    forget(OWN_SECRETS)


def environment() -> dict[str, str]:
    """All variables, for callers that only need to know which are set."""
    return dict(os.environ)
