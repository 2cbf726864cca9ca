"""People of the caller's project, and the connections they allowed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiwebhook.usecases import people
from session_api import people_schemas as schemas
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def add(api: SessionApi, call: ApiCall, params: schemas.PersonParams) -> Answer:
    """The person with their sign-in code; the only response that contains it."""
    caller = call.caller
    made = people.add_person(
        api.people, params.name, project_id=caller.project_id, actor=caller.key_id
    )
    return Answer(body={**asdict(made.row), "sign_in_code": str(made.sign_in_code)})


def list_all(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """People in the order they were added."""
    rows = api.people.list_people(project_id=call.caller.project_id)
    return Answer(body={"items": [asdict(row) for row in rows]})


def reset(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The person with a new sign-in code; the old one ends at once, connections stay."""
    caller = call.caller
    made = people.reset_code(
        api.people, call.ids["person_id"], project_id=caller.project_id, actor=caller.key_id
    )
    return Answer(body={**asdict(made.row), "sign_in_code": str(made.sign_in_code)})


def list_connections(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Newest first."""
    rows = api.people.list_connections(project_id=call.caller.project_id)
    return Answer(body={"items": [asdict(row) for row in rows]})


def revoke_connection(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """End the connection and all its tokens at once."""
    caller = call.caller
    row = people.revoke_connection(
        api.people,
        project_id=caller.project_id,
        connection_id=call.ids["connection_id"],
        actor=caller.key_id,
    )
    return Answer(body=asdict(row))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/v1/people",
        name="addPerson",
        summary="Add a person; their sign-in code is returned only once.",
        tag="people",
        access=Access.ADMIN,
        handle=add,
        once=True,
        shown_once="sign_in_code",
        params=schemas.PersonParams,
        returns=schemas.SignInCodeResult,
    ),
    Operation(
        method="GET",
        path="/v1/people",
        name="listPeople",
        summary="People of the project, in the order they were added.",
        tag="people",
        access=Access.ADMIN,
        handle=list_all,
        returns=schemas.PeopleResult,
    ),
    Operation(
        method="POST",
        path="/v1/people/{person_id}/reset",
        name="resetSignInCode",
        summary="Give a person a new sign-in code; the old one ends, connections stay.",
        tag="people",
        access=Access.ADMIN,
        handle=reset,
        once=True,
        shown_once="sign_in_code",
        returns=schemas.SignInCodeResult,
    ),
    Operation(
        method="GET",
        path="/v1/connections",
        name="listConnections",
        summary="Programs that people of the project have allowed to act for them, newest first.",
        tag="connections",
        access=Access.ADMIN,
        handle=list_connections,
        returns=schemas.ConnectionsResult,
    ),
    Operation(
        method="DELETE",
        path="/v1/connections/{connection_id}",
        name="revokeConnection",
        summary="End a connection and all its tokens immediately.",
        tag="connections",
        access=Access.ADMIN,
        handle=revoke_connection,
        once=True,
        returns=schemas.ConnectionResult,
    ),
)
