"""People: add, list, reset sign-in codes; and the connections they allowed. A code is shown once;
only its salted scrypt hash is stored.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Randomness
from aiwebhook.domain.plain_text import plain_line
from aiwebhook.domain.sign_in_code import SignInCode, new_code, new_salt
from aiwebhook.errors import Conflict, FieldError, Invalid, NotFound
from aiwebhook.ids import new_id
from aiwebhook.ports.people import ConnectionRow, NewCode, PersonRow

if TYPE_CHECKING:
    from aiwebhook.postgres.people_store import PostgresPeopleStore

OWNER = "owner"
"""The person that every deployment has from the start, in its default project."""
MAX_PERSON_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCode:
    """A person's new code; `sign_in_code` is not stored and cannot be shown again."""

    sign_in_code: SignInCode
    row: PersonRow


def add_person(
    store: PostgresPeopleStore,
    name: str,
    *,
    project_id: str,
    actor: str,
    randomness: Randomness = os.urandom,
) -> MadeCode:
    """Add a person with a code. Raises Invalid, Conflict (the name is taken)."""
    shown = plain_line(name).strip()
    if not 0 < len(shown) <= MAX_PERSON_NAME:
        message = f"must be 1–{MAX_PERSON_NAME} characters"
        error = FieldError(pointer="/name", message=message)
        raise Invalid(f"name {message}.", errors=(error,))
    made = store.create_person(
        project_id=project_id, person_id=new_id("pers"), name=shown, actor=actor
    )
    if made is None:
        raise Conflict(f"There is a person named '{shown}' already.", code="person_exists")
    return reset_code(
        store, made.person_id, project_id=project_id, actor=actor, randomness=randomness
    )


def ensure_owner(store: PostgresPeopleStore, *, project_id: str, actor: str) -> None:
    """Add the owner, without a code, if there is none."""
    store.create_person(project_id=project_id, person_id=new_id("pers"), name=OWNER, actor=actor)


def first_code_of_owner(
    store: PostgresPeopleStore, *, project_id: str, actor: str, randomness: Randomness = os.urandom
) -> SignInCode | None:
    """The owner's first code; None if they already had one."""
    code, kept = _new(OWNER, project_id=project_id, only_first=True, randomness=randomness)
    return code if store.set_sign_in_code(kept, actor=actor) is not None else None


def reset_code(
    store: PostgresPeopleStore,
    person: str,
    *,
    project_id: str,
    actor: str,
    randomness: Randomness = os.urandom,
) -> MadeCode:
    """Issue a new code. The old one stops working at once; connections stay. Raises NotFound."""
    code, kept = _new(person, project_id=project_id, only_first=False, randomness=randomness)
    row = store.set_sign_in_code(kept, actor=actor)
    if row is None:
        raise NotFound(f"No person '{person}' in this project.", code="person_not_found")
    return MadeCode(sign_in_code=code, row=row)


def revoke_connection(
    store: PostgresPeopleStore, *, project_id: str, connection_id: str, actor: str
) -> ConnectionRow:
    """End a connection and all its tokens at once. Raises NotFound."""
    row = store.revoke_connection(project_id=project_id, connection_id=connection_id, actor=actor)
    if row is None:
        raise NotFound(
            f"No connection '{connection_id}' in this project.", code="connection_not_found"
        )
    return row


def _new(
    person: str, *, project_id: str, only_first: bool, randomness: Randomness
) -> tuple[SignInCode, NewCode]:
    code, salt = new_code(randomness), new_salt(randomness)
    return code, NewCode(
        project_id=project_id,
        person=person,
        handle=code.handle,
        salt=salt,
        hash=code.hash(salt),
        only_first=only_first,
    )
