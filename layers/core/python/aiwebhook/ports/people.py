"""The people of a project and the connections they allowed, as administrators see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as it may be shown. `code_set_at` None: nobody can sign in as them yet."""

    person_id: str
    name: str
    code_set_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A sign-in code as it is stored. `person` is an id or a name; `only_first`: refuse to
    replace another code.
    """

    project_id: str
    person: str
    handle: str
    salt: bytes
    hash: bytes
    only_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A connection as it may be shown. `expires_at`: when it ends unless it is used before."""

    connection_id: str
    person_id: str
    person: str
    client_id: str
    client_name: str
    client_host: str
    scopes: Sequence[str]
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    created_at: datetime
