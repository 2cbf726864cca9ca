"""What a run is given (docs/wire.md), defined once: a field of `RunTask` is a column of
parts/work.sql, part of the answer to a claim or a start, and there for the runner to read.
`RunInput` is what the deployment answers, `LeasedTask` what the runner reads of it. Both are here,
because a dataclass is written out only beside its base (ADR 0017).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from aiwebhook.domain.agent import AgentManifest, ManifestInvalid

MAX_CONTEXT_PAGE = 200
"""Chunks of conversation in one answer to a run that reads its session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """The task and the attempt, by the names of the wire. A default is what an answer of an older
    deployment means, which lacks the field.
    """

    task_id: str
    session_id: str
    project_id: str
    attempt_id: str
    attempt: int = 1
    """1 for the first; an attempt that was handed back is not counted."""
    lease_epoch: int
    task_type: str | None = None
    description: str | None = None
    input: dict[str, Any] = field(repr=False)
    timeout_s: int
    max_cost_usd: float | None = None
    """Of the task; None: what the agent's manifest says."""
    correlation_id: str

    def values(self) -> dict[str, Any]:
        """These fields by name, for a class that has more of them."""
        return {one.name: getattr(self, one.name) for one in fields(RunTask)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The last checkpoint of an earlier attempt; `url` is a pre-signed GET of its archive."""

    data: dict[str, Any] = field(repr=False)
    url: str | None = field(default=None, repr=False)  # it opens the archive to whoever has it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput(RunTask):
    """The answer to a claim or a start: the work, and the token that speaks for it."""

    lease_token: str
    heartbeat_s: int
    agent: dict[str, Any]
    repository: dict[str, Any] | None
    """{repo, ref, pr}"""
    checkpoint: Checkpoint | None

    def __repr__(self) -> str:
        return f"RunInput({self.task_id}, epoch {self.lease_epoch})"  # neither token nor payload

    def as_json(self) -> dict[str, Any]:
        """RunInput of the Runs API."""
        found = self.checkpoint
        return {one.name: getattr(self, one.name) for one in fields(self)} | {
            "checkpoint": found and {"data": found.data, "url": found.url}
        }


class RunInputUnreadable(Exception):
    """The input comes from a newer deployment, or from none: this runner cannot execute it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRequest:
    """The repository a task works on: `repo` is an https URL or GitHub's owner/name, `ref` a
    branch, tag or commit ("" is the default branch), `pr` none, branch, draft or ready."""

    repo: str
    ref: str = ""
    pr: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedTask(RunTask):
    """A `RunInput` as the runner uses it: manifest, repository and checkpoint are parsed."""

    lease_token: str = field(repr=False)
    heartbeat_s: float = 20.0
    agent: AgentManifest
    repository: RepositoryRequest | None = None
    checkpoint: Checkpoint | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> LeasedTask:
        """Unknown fields of a newer deployment are ignored. Raises RunInputUnreadable."""
        try:
            return cls._read(data)
        except (KeyError, TypeError, ValueError, ManifestInvalid) as exc:
            raise RunInputUnreadable(repr(exc)) from exc

    @classmethod
    def _read(cls, data: Mapping[str, object]) -> LeasedTask:
        manifest = cast("Mapping[str, object]", data["agent"])
        own = {one.name for one in fields(cls)} - {"agent", "repository", "checkpoint"}
        return cls(
            **cast("dict[str, Any]", {name: data[name] for name in own & data.keys()}),
            agent=AgentManifest.from_mapping(manifest, source="run input"),
            repository=_repository(data.get("repository")),
            checkpoint=_checkpoint(data.get("checkpoint")),
        )


def _repository(value: object) -> RepositoryRequest | None:
    if not isinstance(value, dict):
        return None
    given = cast("dict[str, str | None]", value)
    return RepositoryRequest(
        repo=str(given["repo"]), ref=given.get("ref") or "", pr=given.get("pr") or "none"
    )


def _checkpoint(value: object) -> Checkpoint | None:
    if not isinstance(value, dict):
        return None
    given = cast("Mapping[str, object]", value)
    return Checkpoint(
        data=cast("dict[str, Any]", given.get("data") or {}),
        url=cast("str | None", given.get("url")),
    )
