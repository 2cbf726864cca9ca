"""The environment, read once, by one frozen model per function: `settings/relay.py` is relay's.

Field aliases are the names of the environment; a test proves that the template
supplies exactly those.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aiwebhook.errors import ConfigurationError

FUNCTION_NAME = r"^[A-Za-z0-9_-]{1,64}$"
"""Of a Lambda function: nothing in it needs encoding in a path."""
STORAGE_BACKENDS = ("postgres", "json")


def storage_backend(environ: Mapping[str, str] | None = None) -> str:
    """Which store relay and session_api work on: STORAGE_BACKEND, Postgres where it is not set.

    Raises ConfigurationError.
    """
    found = (os.environ if environ is None else environ).get("STORAGE_BACKEND", "postgres")
    if found not in STORAGE_BACKENDS:
        raise ConfigurationError(f"STORAGE_BACKEND must be postgres or json, got {found!r}.")
    return found


class Settings(BaseModel):
    """What every function needs."""

    # Built when read: a base class that nobody reads costs a cold start nothing.
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)

    log_level: str = Field(alias="LOG_LEVEL", default="INFO")
    service: str = Field(alias="POWERTOOLS_SERVICE_NAME", default="aiwebhook")
    metrics_namespace: str = Field(alias="POWERTOOLS_METRICS_NAMESPACE", default="AiWebhook")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment.

        Raises ConfigurationError, which lists every missing or wrong name and no values.
        """
        try:
            return cls.model_validate(dict(os.environ if environ is None else environ))
        except ValidationError as exc:
            faults = ", ".join(
                f"{e['loc'][0]} ({e['type']})" for e in exc.errors(include_input=False)
            )
            raise ConfigurationError(f"{cls.__name__}: {faults}") from exc


class DatabaseSettings(Settings):
    """What every function needs that works in the database under a role of its own."""

    database_login: str = Field(alias="DATABASE_LOGIN", min_length=1)
    """`postgresql://role@host:port/database`: by AWS IAM; or the name of the parameter that holds
    coordinates and password."""
