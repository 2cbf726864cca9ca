"""Fargate tasks as ECS reports them: the records of its API and the events it sends."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from aiwebhook.clock import utc_now
from aiwebhook_local.emulator import ACCOUNT, REGION

_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


class Status(StrEnum):
    """The states a task passes here (the real ones have more steps between these)."""

    PROVISIONING = "PROVISIONING"  # accepted, not all of its containers have started
    RUNNING = "RUNNING"  # every container has started
    STOPPED = "STOPPED"  # every container is gone, for good


class StopCode(StrEnum):
    """Why a task stopped; `stopCode` of ECS."""

    ESSENTIAL_CONTAINER_EXITED = "EssentialContainerExited"  # by itself, or killed
    USER_INITIATED = "UserInitiated"  # StopTask
    TASK_FAILED_TO_START = "TaskFailedToStart"  # a container could not be started


@dataclass(slots=True, kw_only=True)
class TaskRecord:
    """One task. Mutable on purpose: it is the state of the emulated service."""

    cluster_arn: str
    definition: dict[str, Any]
    request: dict[str, Any]
    created_at: datetime
    task_id: str = field(default_factory=lambda: secrets.token_hex(16))
    status: Status = Status.PROVISIONING
    desired: Status = Status.RUNNING
    version: int = 1
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: StopCode | None = None
    stopped_reason: str = ""
    exit_codes: dict[str, int] = field(default_factory=dict[str, int])
    """Of the containers that ended, by name."""

    @property
    def arn(self) -> str:
        """The task's name in every call."""
        return f"{_ARN}:task/{self.cluster_arn.rpartition('/')[2]}/{self.task_id}"

    @property
    def family(self) -> str:
        """The family of its task definition."""
        return self.definition["family"]

    @property
    def started_by(self) -> str:
        """`startedBy`, as the caller of RunTask gave it."""
        return self.request.get("startedBy", "")

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The definitions of its containers."""
        return self.definition["containerDefinitions"]

    def as_api(self) -> dict[str, Any]:
        """The task as RunTask, StopTask and DescribeTasks show it (times in epoch seconds)."""
        return self._as_json(datetime.timestamp)

    def as_event_detail(self) -> dict[str, Any]:
        """The `detail` of an "ECS Task State Change" event (times in ISO 8601)."""
        return self._as_json(_iso) | {"updatedAt": _iso(utc_now())}

    def mark_running(self) -> None:
        """Its containers have started."""
        self.status, self.started_at = Status.RUNNING, utc_now()
        self.version += 1

    def mark_stopping(self, code: StopCode, reason: str) -> None:
        """It was told to stop; the first reason stays."""
        if self.desired is Status.RUNNING:
            self.desired, self.stopping_at = Status.STOPPED, utc_now()
            self.stop_code, self.stopped_reason = code, reason
            self.version += 1

    def mark_stopped(self) -> None:
        """Its containers are gone."""
        self.status, self.stopped_at = Status.STOPPED, utc_now()
        self.version += 1

    def _as_json(self, moment: Callable[[datetime], float | str]) -> dict[str, Any]:
        times = {
            "createdAt": self.created_at,
            "startedAt": self.started_at,
            "stoppingAt": self.stopping_at,
            "stoppedAt": self.stopped_at,
        }
        record: dict[str, Any] = {
            "taskArn": self.arn,
            "clusterArn": self.cluster_arn,
            "taskDefinitionArn": self.definition["taskDefinitionArn"],
            "containers": [self._container_json(container) for container in self.containers],
            "overrides": self.request.get("overrides", {"containerOverrides": []}),
            "lastStatus": str(self.status),
            "desiredStatus": str(self.desired),
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "group": self.request.get("group") or f"family:{self.family}",
            "startedBy": self.started_by,
            "version": self.version,
            "attachments": [],
            "attributes": [],
            "cpu": self.definition.get("cpu", "256"),
            "memory": self.definition.get("memory", "512"),
        }
        record |= {name: moment(at) for name, at in times.items() if at is not None}
        if self.stop_code is not None:
            record |= {"stopCode": str(self.stop_code), "stoppedReason": self.stopped_reason}
        return record

    def _container_json(self, container: dict[str, Any]) -> dict[str, Any]:
        name = container["name"]
        shown: dict[str, Any] = {
            "containerArn": f"{_ARN}:container/{self.arn.partition('/')[2]}/{name}",
            "taskArn": self.arn,
            "name": name,
            "image": container.get("image", ""),
            "lastStatus": str(self.status),
            "networkInterfaces": [],
        }
        if name in self.exit_codes:
            shown["exitCode"] = self.exit_codes[name]
        return shown


def fingerprint(request: dict[str, Any]) -> str:
    """Equal for RunTask requests that ECS treats as repetitions of each other."""
    return json.dumps(request, sort_keys=True)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
