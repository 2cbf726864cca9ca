"""Puts the dispatcher together."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Protocol

from aiwebhook.aws.ecs import FargateLauncher, FargatePlace
from aiwebhook.aws.signed_request import AwsClient
from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.launch_run import DispatchServices
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import open_database


class DispatcherPlaces(Protocol):
    """Where the dispatcher finds its surroundings: what functions/dispatcher/settings.py reads."""

    @property
    def database_secret_arn(self) -> str: ...
    @property
    def app_secret_arn(self) -> str: ...
    @property
    def agent_queues(self) -> Mapping[str, str]: ...
    @property
    def events_topic_arn(self) -> str: ...
    @property
    def cluster_arn(self) -> str: ...
    @property
    def task_definitions(self) -> Mapping[str, str]: ...
    @property
    def subnet_ids(self) -> tuple[str, ...]: ...
    @property
    def security_group_id(self) -> str: ...
    @property
    def api_url(self) -> str: ...
    @property
    def launch_timeout_s(self) -> int: ...


def dispatch_services(places: DispatcherPlaces) -> DispatchServices:
    """All of it; the app secret is read here, nothing else is connected before it is needed."""
    aws = cloud()
    secrets = aws.secrets()
    place = FargatePlace(
        cluster_arn=places.cluster_arn,
        task_definitions=places.task_definitions,
        subnet_ids=places.subnet_ids,
        security_group_id=places.security_group_id,
        api_url=places.api_url,
    )
    return DispatchServices(
        store=PostgresQueueStore(open_database(secrets, places.database_secret_arn)),
        launcher=FargateLauncher(AwsClient("ecs", aws.environment), place),
        waker=aws.waker(places.agent_queues),
        publisher=aws.publisher(places.events_topic_arn),
        keys=LeaseKeys(secrets.app_secret(places.app_secret_arn).master_key),
        launch_timeout_s=places.launch_timeout_s,
        random=random.SystemRandom().random,
        pause=_pause,
    )


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
