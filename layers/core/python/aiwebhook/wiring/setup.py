"""First things in a fresh deployment: the default project with its agents and its owner, a first
admin key, and the owner's sign-in code.

Used by functions/migrate on AWS and by the local stack, which differ only in who asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.database_role import RoleLogin
from aiwebhook.domain.identity import BURST, DEFAULT_PROJECT, RATE_PER_MINUTE, Scope, hash_of_key
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.migrate import Phase, migrate
from aiwebhook.postgres.people_store import PostgresPeopleStore
from aiwebhook.postgres.project_reads import PostgresProjectReads
from aiwebhook.postgres.roles import RightsDifference, RoleChanges, apply_roles, compare_rights
from aiwebhook.usecases.ensure_project import check_manifests, ensure_other_projects, ensure_project
from aiwebhook.usecases.keys import KeyOrder, create_key
from aiwebhook.usecases.people import ensure_owner, first_code_of_owner

_ACTOR = "setup"


class Setup:
    """The administrator's entrance: whoever has the credentials of the database's owner
    may use it.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._database = Database(lambda: credentials)
        self._store = PostgresAccessStore(self._database)
        self._people = PostgresPeopleStore(self._database)
        self._authenticator = PostgresAuthenticator(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Leave no connection behind: a stack's process lives on for hours."""
        self._database.close()

    def migrate(self, phases: Sequence[Phase] = tuple(Phase)) -> tuple[str, ...]:
        """Bring the schema up to date, then the default project with its owner, and the agents
        of every project; what was applied.

        Raises what `postgres.migrate.migrate` raises, and ManifestInvalid with every problem of the
        agents' manifests: a deployment with a broken agent stops here, not at its first task.
        """
        check_manifests(built_in_manifests().values())
        applied = tuple(migrate(self._credentials.conninfo(), phases=tuple(phases)))
        ensure_project(self._store, DEFAULT_PROJECT, name="Default")
        ensure_other_projects(self._store, PostgresProjectReads(self._database))
        ensure_owner(self._people, project_id=DEFAULT_PROJECT, actor=_ACTOR)
        return applied

    def make_roles(self, logins: Mapping[str, RoleLogin], *, contract: bool) -> RoleChanges:
        """Make the functions' roles and give them their rights; `contract`: take away what this
        release does not need. Raises ConfigurationError.
        """
        return apply_roles(self._credentials.conninfo(), logins, contract=contract)

    def compare_rights(self) -> Mapping[str, RightsDifference]:
        """Which functions' roles have other rights than this release declares; changes nothing."""
        return compare_rights(self._credentials.conninfo())

    def admin_key(
        self, name: str, *, rate_per_minute: int = RATE_PER_MINUTE, burst: int = BURST
    ) -> str:
        """A new admin key of the default project: shown here and never again. Raises Invalid."""
        order = KeyOrder(
            name=name, scopes=(Scope.ADMIN,), rate_per_minute=rate_per_minute, burst=burst
        )
        return create_key(self._store, order, project_id=DEFAULT_PROJECT, actor=_ACTOR).key

    def worker_key(self, name: str) -> str:
        """A new key of the default project for workers. Raises Invalid."""
        order = KeyOrder(name=name, scopes=(Scope.WORKER,))
        return create_key(self._store, order, project_id=DEFAULT_PROJECT, actor=_ACTOR).key

    def first_sign_in_code(self) -> str | None:
        """The owner's first sign-in code: shown here and never again; None when they had one."""
        code = first_code_of_owner(self._people, project_id=DEFAULT_PROJECT, actor=_ACTOR)
        return None if code is None else str(code)

    def knows(self, key: str) -> bool:
        """Whether the key is good for anything right now."""
        found = self._authenticator.check_key(key_hash=hash_of_key(key), address=None)
        return found is not None and not found.revoked and not found.expired
