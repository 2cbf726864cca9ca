"""Wires the dispatcher's use cases to their adapters."""

from __future__ import annotations

import random
import threading
from functools import cache

from aiwebhook.aws.ecs import FargateLauncher, FargatePlace, FargateStopper
from aiwebhook.aws.signed_request import AwsClient
from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.settings.dispatcher import DispatcherSettings
from aiwebhook.usecases.launch_run import DispatchServices
from aiwebhook.wiring.surroundings import surroundings


def wire_dispatcher(settings: DispatcherSettings) -> DispatchServices:
    around = surroundings(settings)
    place = FargatePlace(
        cluster_arn=settings.cluster_arn,
        task_definitions=settings.task_definitions,
        subnet_ids=settings.subnet_ids,
        security_group_id=settings.security_group_id,
        spot_agents=frozenset(settings.spot_agents),
        api_url=settings.api_url,
    )

    ecs = AwsClient("ecs", around.aws.environment)

    def keys() -> LeaseKeys:
        return LeaseKeys(around.secrets.app_secret(settings.app_secret_arn).master_key)

    return DispatchServices(
        store=PostgresQueueStore(around.database),
        stops=PostgresRunStopStore(around.database),
        launcher=FargateLauncher(ecs, place),
        stopper=FargateStopper(ecs),
        waker=around.aws.waker(settings.agent_queues),
        publisher=around.aws.publisher(settings.events_topic_arn),
        keys=cache(keys),
        launch_timeout_s=settings.launch_timeout_s,
        random=random.SystemRandom().random,
        pause=_pause,
    )


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
