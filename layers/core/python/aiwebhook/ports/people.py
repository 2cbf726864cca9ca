"""Port to the people of a project and what they let in, for those who manage them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as it may be shown. `code_set_at` None: nobody can sign in as them yet."""

    person_id: str
    name: str
    code_set_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A sign-in code as it is kept. `person` is an id or a name; `only_first`: not in place
    of another code.
    """

    project_id: str
    person: str
    handle: str
    salt: bytes
    hash: bytes
    only_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A connection as it may be shown. `expires_at`: unless it is used until then."""

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


class PeopleStore(Protocol):
    """All methods raise Unavailable when the store is away."""

    def create_person(
        self, *, project_id: str, person_id: str, name: str, actor: str
    ) -> PersonRow | None:
        """Make a person, with an audit entry; None when the name is taken, or there is
        no such project.
        """
        ...

    def set_sign_in_code(self, code: NewCode, *, actor: str) -> PersonRow | None:
        """Put a code in place of the one before, with an audit entry; None when there is no such
        person, or it has one and `only_first` is asked.
        """
        ...

    def list_people(self, *, project_id: str) -> Sequence[PersonRow]:
        """All of a project, in the order they were made."""
        ...

    def list_connections(self, *, project_id: str) -> Sequence[ConnectionRow]:
        """Those a token was fetched for, newest first; ended ones for a month."""
        ...

    def revoke_connection(
        self, *, project_id: str, connection_id: str, actor: str
    ) -> ConnectionRow | None:
        """End it and all its tokens at once; doing it twice is harmless."""
        ...
