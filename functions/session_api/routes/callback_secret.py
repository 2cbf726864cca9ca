"""The secret that signs callbacks to a task's own callback_url."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_api import schemas
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def find(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The secret. It is derived, not stored, so it can be returned any number of times."""
    secret = api.endpoints().keys.project_secret(call.caller.project_id)
    return Answer(body={"secret": secret})


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/callback-secret",
        name="getCallbackSecret",
        summary="The secret that signs callbacks to a task's own callback_url.",
        tag="callbacks",
        access=Access.ADMIN,
        handle=find,
        returns=schemas.CallbackSecretResult,
    ),
)
