"""Credentials from the address that Lambda names to functions that start from a snapshot.

Such a function has no keys in its environment: they would be those of the day of the snapshot.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from aiwebhook.aws.sigv4 import AwsCredentials
from aiwebhook.clock import Clock, utc_now
from aiwebhook.errors import Unavailable

URL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105  reason: the name of a variable
_EARLY = timedelta(minutes=5)
"""Asked for again so long before they expire."""
_TIMEOUT_S = 3.0


class ContainerCredentials:
    """Asks at the first request, and again when they are about to expire. Raises Unavailable."""

    def __init__(self, env: Mapping[str, str], *, clock: Clock = utc_now) -> None:
        self._url = urlsplit(env[URL])
        self._token = env.get(TOKEN)
        self._clock = clock
        self._kept: tuple[datetime, AwsCredentials] | None = None

    def __call__(self) -> AwsCredentials:
        kept, now = self._kept, self._clock()
        if kept is not None and now < kept[0] - _EARLY:
            return kept[1]
        try:
            self._kept = self._asked()
        except (OSError, http.client.HTTPException, ValueError, KeyError) as exc:
            if kept is not None and now < kept[0]:
                return kept[1]
            raise Unavailable("Lambda gave no credentials.", code="aws_unavailable") from exc
        return self._kept[1]

    def _asked(self) -> tuple[datetime, AwsCredentials]:
        host = http.client.HTTPConnection(self._url.netloc, timeout=_TIMEOUT_S)
        try:
            headers = {"Authorization": self._token} if self._token else {}
            host.request("GET", f"{self._url.path}?{self._url.query}".rstrip("?"), headers=headers)
            answer = host.getresponse()
            body = answer.read()
        finally:
            host.close()
        if answer.status != http.client.OK:
            raise ValueError(answer.status)
        said = cast("dict[str, Any]", json.loads(body))
        until = datetime.fromisoformat(str(said["Expiration"]))
        credentials = AwsCredentials(
            access_key=str(said["AccessKeyId"]),
            secret_key=str(said["SecretAccessKey"]),
            token=str(said["Token"]),
        )
        return until, credentials
