"""What a reader must know to continue a session: small, read each time, and never stored."""

from __future__ import annotations

from dataclasses import replace

from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.content import text_at
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.catching_up import WORDS_KEPT, RecentChunk, shortened_session
from aiwebhook.ports.command_rows import Json


def session_at_a_glance(services: CommandServices, context: CommandContext) -> Json:
    """title, status, time_zone, context, last_words, decisions, open_items, running_tasks and
    finished_tasks, in fewer than 1,500 tokens. Raises NotFound, Unavailable.
    """
    found = services.store.catch_up(project_id=context.project_id, session_id=context.session_id)
    if found is None:
        raise session_missing(context.session_id)
    words = [_with_text(services, context, each) for each in found.last_words]
    return shortened_session(replace(found, last_words=words))


def _with_text(
    services: CommandServices, context: CommandContext, words: RecentChunk
) -> RecentChunk:
    if words.text is not None or words.content_sha256 is None:
        return words
    text = text_at(services, context, bytes.fromhex(words.content_sha256))
    return replace(words, text=text[-WORDS_KEPT:])
