"""From the short id that a table shows to the whole one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from aiwebhook.errors import Invalid, NotFound
from aiwebhook_cli.value_text import CUT, is_whole

_END = re.compile(r"[0-9a-f]{6,12}")
_BEGIN = re.compile(r"[a-z]+_[0-9a-f]{8}[0-9a-f-]*")


def whole_id(given: str, known: Callable[[], Iterable[str]]) -> str:
    """`…3a0176`, `3a0176`, `begin…end` or `task_0199a3b4` as the one id that is meant; any other
    id as it is.

    `known` lists the ids there are; it is asked for a short one only. Raises NotFound, Invalid.
    """
    begin, _, end = given.rpartition(CUT)
    if CUT not in given and not _END.fullmatch(given):
        if not _BEGIN.fullmatch(given) or is_whole(given):
            return given
        begin, end = given, ""
    found = {text for text in known() if text.startswith(begin) and text.endswith(end)}
    if given in found or (not found and CUT not in given):
        return given
    if not found:
        raise NotFound(f"Nothing here has the id {given}.", remedy="Give the full id.")
    if len(found) > 1:
        raise Invalid(
            f"{len(found)} have the id {given}: {', '.join(sorted(found)[:5])}.",
            remedy="Give one of them in full.",
        )
    return found.pop()
