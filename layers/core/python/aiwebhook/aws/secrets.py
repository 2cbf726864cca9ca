"""Secrets Manager: read late, kept for five minutes, never shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from aiwebhook.aws.signed_request import AwsClient, AwsRefused
from aiwebhook.errors import ConfigurationError, Unavailable

KEPT_S = 300.0
AWAY_S = 30.0
"""Until a service that was away is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSecret:
    """What everything else is derived from (domain/lease.py, domain/signature.py)."""

    master_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubSecret:
    """The webhook secrets GitHub signs with, newest first, and the project its
    deliveries belong to.
    """

    project_id: str
    secrets: tuple[str, ...] = field(repr=False)


class SecretsReader:
    """Reads JSON secrets.

    A secret is asked for again after five minutes, so that a rotation is picked up; while
    Secrets Manager is away the old value goes on being used, because a wrong old value fails no
    worse than none.
    """

    def __init__(
        self, client: AwsClient, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def read(self, arn: str) -> dict[str, Any]:
        """The secret's JSON object. Raises Unavailable; ConfigurationError when it is no object."""
        kept = self._kept.get(arn)
        if kept is not None and self._monotonic() - kept[0] < KEPT_S:
            return kept[1]
        try:
            value = self._fetch(arn)
        except Unavailable:
            if kept is None:
                raise
            # Not every request may wait for a service that is away: the next asks in a while.
            self._kept[arn] = (self._monotonic() - KEPT_S + AWAY_S, kept[1])
            return kept[1]
        self._kept[arn] = (self._monotonic(), value)
        return value

    def app_secret(self, arn: str) -> AppSecret:
        """JSON {"master_key": …}, at least 32 characters."""
        master_key = self.read(arn).get("master_key")
        if not isinstance(master_key, str) or len(master_key) < 32:
            raise ConfigurationError(
                "The app secret needs a 'master_key' of at least 32 characters."
            )
        return AppSecret(master_key=master_key.encode())

    def github_secret(self, arn: str) -> GithubSecret:
        """JSON {"project_id": …, "secrets": […]}."""
        value = self.read(arn)
        project_id, secrets = value.get("project_id"), value.get("secrets")
        if not isinstance(project_id, str) or not isinstance(secrets, list):
            raise ConfigurationError("The GitHub secret needs 'project_id' and a list 'secrets'.")
        texts = [s for s in cast(list[object], secrets) if isinstance(s, str) and s]
        return GithubSecret(project_id=project_id, secrets=tuple(texts))

    def _fetch(self, arn: str) -> dict[str, Any]:
        try:
            answer = self._call(arn)
        except AwsRefused as exc:
            if exc.status < 500:
                raise
            answer = self._call(arn)  # reading is harmless, and a cold start hangs on it
        try:
            value = json.loads(answer.get("SecretString", ""))
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ConfigurationError(f"The secret {arn} is no JSON object.")
        return cast(dict[str, Any], value)

    def _call(self, arn: str) -> dict[str, Any]:
        return self._client.json("secretsmanager.GetSecretValue", {"SecretId": arn})
