"""Where AWS is and who we are there: region, endpoints, credentials.

The names are those of every AWS SDK, so that the local stack works by AWS_ENDPOINT_URL alone.
Endpoints are the ordinary `service.region.amazonaws.com`: for SQS and SNS these are the
dual-stack ones, whereas botocore's AWS_USE_DUALSTACK_ENDPOINT would name hosts that the services
do not document.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from aiwebhook.aws.sigv4 import AwsCredentials
from aiwebhook.errors import ConfigurationError
from aiwebhook.snap_start import from_snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsEnvironment:
    """Read once per process; `credentials` is asked for each request, because they expire."""

    region: str
    credentials: Callable[[], AwsCredentials]
    endpoints: Mapping[str, str]
    ca_bundle: str | None = None

    def endpoint(self, service: str) -> str:
        """Base URL of a service: the one set for it, the one set for all, or the public one."""
        own = self.endpoints.get(service) or self.endpoints.get("")
        return own or f"https://{service}.{self.region}.amazonaws.com"

    def is_emulated(self, service: str) -> bool:
        """Whether the service's endpoint is not the public one."""
        return bool(self.endpoints.get(service) or self.endpoints.get(""))


def aws_environment(environ: Mapping[str, str] | None = None) -> AwsEnvironment:
    """The environment as every AWS SDK reads it. Raises ConfigurationError without a region."""
    env = os.environ if environ is None else environ  # noqa: TID251 - the names are the SDK's
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")
    if not region:
        raise ConfigurationError("AWS_REGION is not set.")
    prefix = "AWS_ENDPOINT_URL"
    endpoints = {
        name.removeprefix(prefix).removeprefix("_").lower().replace("_", ""): url
        for name, url in env.items()
        if (name == prefix or name.startswith(f"{prefix}_")) and url
    }
    return AwsEnvironment(
        region=region,
        credentials=_credentials_source(env),
        endpoints=endpoints,
        ca_bundle=env.get("AWS_CA_BUNDLE"),
    )


def _credentials_source(env: Mapping[str, str]) -> Callable[[], AwsCredentials]:
    if from_snapshots(env) and env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        module = "aiwebhook.aws.container_credentials"  # late: other functions do without
        return cast("Callable[[], AwsCredentials]", import_module(module).ContainerCredentials(env))
    access_key, secret_key = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    if access_key and secret_key:  # Lambda always sets these; a process outlives none of them there
        fixed = AwsCredentials(
            access_key=access_key, secret_key=secret_key, token=env.get("AWS_SESSION_TOKEN") or None
        )
        return lambda: fixed
    return _BotocoreCredentials()


class _BotocoreCredentials:
    """Profiles, SSO, container and instance roles: botocore knows them all, and refreshes them."""

    def __init__(self) -> None:
        self._source: Any = None

    def __call__(self) -> AwsCredentials:
        if self._source is None:
            # Late: costs 200 ms of CPU, and Lambda functions never come here. Untyped: botocore has
            # no stubs.
            self._source = import_module("botocore.session").get_session().get_credentials()
        if self._source is None:
            raise ConfigurationError("No AWS credentials were found.")
        frozen = self._source.get_frozen_credentials()
        return AwsCredentials(
            access_key=frozen.access_key, secret_key=frozen.secret_key, token=frozen.token
        )
