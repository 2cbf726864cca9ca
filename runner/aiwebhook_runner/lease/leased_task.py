"""The RunInput of the Runs API (docs/wire.md), read: the task this run works on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from aiwebhook.domain.agent import AgentManifest, ManifestInvalid
from aiwebhook.domain.run import Checkpoint, RunTask
from aiwebhook_runner.jsons import JsonObject


class RunInputUnreadable(Exception):
    """A newer deployment's, or none at all: this runner cannot carry it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRequest:
    """The repository a task works on: `repo` is an https URL or GitHub's owner/name, `ref` a
    branch, tag or commit ("" is the default branch), `pr` none, branch, draft or ready."""

    repo: str
    ref: str = ""
    pr: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedTask(RunTask):
    """Fields of RunInput, with its manifest, repository and checkpoint read. The server's side of
    it is `aiwebhook.domain.run.RunInput`."""

    lease_token: str = field(repr=False)
    heartbeat_s: float = 20.0
    agent: AgentManifest
    repository: RepositoryRequest | None = None
    checkpoint: Checkpoint | None = None

    @classmethod
    def from_json(cls, data: JsonObject) -> "LeasedTask":
        """Fields of a newer deployment are passed over. Raises RunInputUnreadable."""
        try:
            return cls._read(data)
        except (KeyError, TypeError, ValueError, ManifestInvalid) as exc:
            raise RunInputUnreadable(repr(exc)) from exc

    @classmethod
    def _read(cls, data: JsonObject) -> "LeasedTask":
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
    fields = cast("dict[str, str | None]", value)
    return RepositoryRequest(
        repo=str(fields["repo"]), ref=fields.get("ref") or "", pr=fields.get("pr") or "none"
    )


def _checkpoint(value: object) -> Checkpoint | None:
    if not isinstance(value, dict):
        return None
    fields = cast("JsonObject", value)
    return Checkpoint(
        data=cast("JsonObject", fields.get("data") or {}),
        url=cast("str | None", fields.get("url")),
    )
