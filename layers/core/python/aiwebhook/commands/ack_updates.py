"""Acknowledge updates: they were passed on, and are not sent again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import WHOLE, CommandData, one_of_these
from aiwebhook.commands.news import MAX_ACK, refuse_beyond
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.say_phrases import count_in_words
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ports.command_rows import Acknowledgement, AcknowledgeResult

_LARGEST = 2**63 - 1
EventId = Annotated[str, Field(min_length=1, max_length=100)]


class Data(CommandData):
    """`cursor` of a reply: all updates of the session up to there. `ids`: single ones,
    of any session.
    """

    model_config = one_of_these(
        "anyOf", cursor={"type": "integer"}, ids={"type": "array", "items": {}, "minItems": 1}
    )

    cursor: (
        Annotated[int, Field(ge=0, description="cursor of a reply about the session"), WHOLE] | None
    ) = None
    ids: (
        Annotated[
            list[EventId], Field(max_length=MAX_ACK, description="ids of updates or elsewhere")
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.cursor is None and not self.ids:
            raise ValueError("needs cursor or ids")
        return self


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound; Invalid for a cursor beyond the end and for ids that are no updates."""
    cursor = command.cursor
    if cursor is not None and not context.session_id:
        error = FieldError(pointer=f"{context.pointer}/cursor", message="needs a session_id")
        raise Invalid(
            "cursor needs a session_id.",
            code="session_id_required",
            remedy="Send the session_id of the reply whose cursor it is, or acknowledge by ids.",
            errors=(error,),
        )
    done = services.store.acknowledge(
        context.change(),
        Acknowledgement(
            reader=context.reader,
            cursor=None if cursor is None else min(cursor, _LARGEST),
            ids=list(dict.fromkeys(command.ids or ())),
        ),
    )
    if context.session_id and done.last_seq is None:
        raise session_missing(context.session_id)
    _refuse_unknown(context, command, done)
    if cursor is not None:
        pointer = f"{context.pointer}/cursor"
        refuse_beyond(done, cursor, session_id=context.session_id, pointer=pointer)
    return Outcome(data={"acknowledged": done.acknowledged}, session_id=context.session_id or None)


def _refuse_unknown(context: CommandContext, command: Data, done: AcknowledgeResult) -> None:
    unknown = frozenset(done.unknown)
    errors = tuple(
        FieldError(
            pointer=f"{context.pointer}/ids/{place}", message="is not an update in this project"
        )
        for place, name in enumerate(command.ids or ())
        if name in unknown
    )
    if errors:
        raise Invalid(
            f"{errors[0].pointer} {errors[0].message}; nothing was acknowledged.",
            code="update_not_found",
            errors=errors,
        )


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """How many it was news for."""
    updates_counted = count_in_words(data["acknowledged"], "update")
    say = (
        f"I noted {updates_counted} as delivered."
        if data["acknowledged"]
        else "That was delivered already."
    )
    return Phrase(message=f"{updates_counted} acknowledged".capitalize(), say=say)
