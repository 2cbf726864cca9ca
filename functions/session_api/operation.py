"""An operation of the API as a value: the router, the documents and the tests are made from
the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from aiwebhook.clock import utc_now
from aiwebhook.commands.fields import NullIsAbsent
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.lease import RunLease
from aiwebhook.usecases.granted_waits import AskedWait
from session_api.answer import Answer

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


class Access(StrEnum):
    """Who may call an operation."""

    OPEN = "open"
    """Anybody."""
    READ = "read"
    """An API key with scope read, commands or admin."""
    COMMANDS = "commands"
    """An API key with scope commands or admin."""
    WORKER = "worker"
    """An API key with scope worker or admin."""
    ADMIN = "admin"
    """An API key with scope admin."""
    LEASE = "lease"
    """The lease token of the run."""

    @property
    def scope(self) -> Scope | None:
        """The scope that an API key needs; None where no key is needed. The router enforces it, the
        documents state it.
        """
        return _SCOPES.get(self)


_SCOPES: Mapping[Access, Scope] = {
    Access.READ: Scope.READ,
    Access.COMMANDS: Scope.COMMANDS,
    Access.WORKER: Scope.WORKER,
    Access.ADMIN: Scope.ADMIN,
}


class ApiParams(NullIsAbsent):
    """What an operation takes. Strict: values are not coerced, unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True
    )


class ApiResult(BaseModel):
    """What an operation returns, for the documents and the tests; responses are not
    validated when sent.
    """

    model_config = ConfigDict(defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One authenticated call. `caller` is there where the operation needs a key, `lease`
    where a lease.
    """

    ids: Mapping[str, str]
    given: Mapping[str, Any]
    """The query or the body, as `Operation.reads_query` says, not validated."""
    request_id: str
    correlation_id: str
    idempotency_key: str | None
    reader: str | None = None
    """The header X-Reader, not validated."""
    accept: str = ""
    """The header Accept; "" where there is none."""
    maybe_caller: Caller | None = None
    maybe_lease: RunLease | None = None
    body: bytes = b""
    """As it came, for operations that take a report."""
    arrived_at: datetime = field(default_factory=utc_now)

    @property
    def caller(self) -> Caller:
        if self.maybe_caller is None:
            raise TypeError("an operation with an API key was dispatched without one")
        return self.maybe_caller

    def follows(self, wait_s: float) -> AskedWait:
        """A program that will ask again asks for the request to be held so long."""
        caller = self.caller
        return AskedWait(
            project_id=caller.project_id, holder=caller.key_id, wait_s=wait_s, follows=True
        )

    @property
    def lease(self) -> RunLease:
        """The lease the run speaks with."""
        if self.maybe_lease is None:
            raise TypeError("an operation with a lease was dispatched without one")
        return self.maybe_lease


# What is asked differs per operation; `Any` keeps each handler's own model in its own signature.
Handle = Callable[["SessionApi", ApiCall, Any], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`params` is read from the query of a GET or DELETE and from the body of a POST or PATCH.

    An operation with a `command` takes the data of that command instead (commands/catalogue.py).
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    access: Access
    handle: Handle
    params: type[ApiParams] | None = None
    returns: type[ApiResult] | None = None
    command: str | None = None
    in_actions: bool = False
    """Offered to GPT Actions, which take at most 30 operations."""
    array_as: str | None = None
    """The field that a bare array as the body stands for."""
    consequential: bool = False
    """GPT Actions ask the person before each call."""
    once: bool = False
    """A write that obeys an idempotency key by session_api.once; commands do it themselves."""
    shown_once: str | None = None
    """The field of the answer that is secret: a replay leaves it out."""
    key_shows_more: bool = False
    """Open to anybody; a valid API key shows details."""
    or_bytes: bool = False
    """Accept decides whether it answers JSON or the bytes themselves."""
    misses: bool = False
    """404 though its path names nothing: its arguments do."""
    statuses: Mapping[int, str] = field(default_factory=dict[int, str])
    """Answers beside 200 that are no errors."""
    takes_report: bool = False
    """The body is a run's report, which `params` describes and nothing refuses: the handler reads
    it from `Call.body` and repairs what cannot be kept."""

    @property
    def reads_query(self) -> bool:
        """Whether it takes its arguments from the query."""
        return self.method in ("GET", "DELETE")
