"""Requests and responses of the operations on people and connections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from aiwebhook.commands.fields import PlainLine
from aiwebhook.usecases.people import MAX_PERSON_NAME
from session_api.operation import ApiParams, ApiResult


class PersonParams(ApiParams):
    """A new person."""

    name: Annotated[
        str,
        Field(min_length=1, max_length=MAX_PERSON_NAME, description="Unique in the project."),
        PlainLine,
    ]


class PersonResult(ApiResult):
    """A person. `code_set_at` is null while nobody can sign in as them."""

    person_id: str
    name: str
    code_set_at: datetime | None
    created_at: datetime


class PeopleResult(ApiResult):
    """All people of the project."""

    items: list[PersonResult]


class SignInCodeResult(PersonResult):
    """A person and their new sign-in code, which is returned only here, once."""

    sign_in_code: str | None
    notice: str | None = None


class ConnectionResult(ApiResult):
    """A program that a person allowed to act for them. It ends at `expires_at` unless it
    is used before.
    """

    connection_id: str
    person_id: str
    person: str
    client_id: str
    client_name: str
    client_host: str
    scopes: list[str]
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    created_at: datetime


class ConnectionsResult(ApiResult):
    """The project's newest 500 connections; those that ended stay listed for a month."""

    items: list[ConnectionResult]
