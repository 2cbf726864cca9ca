"""What a memory is, whichever command stores it: its types, and the keys it is found under."""

from __future__ import annotations

import hashlib
from enum import StrEnum

MAX_MEMORY_KEY = 128  # characters
_KEPT_OF_KEY = MAX_MEMORY_KEY - 17


class MemoryType(StrEnum):
    """What kind of thing is remembered."""

    IDEA = "idea"
    """Something that could be done."""
    DECISION = "decision"
    """What was settled."""
    QUESTION = "question"
    """What is open."""
    ACTION_ITEM = "action_item"
    """What somebody will do."""
    FACT = "fact"
    """What is so."""
    NOTE = "note"
    """Anything else."""
    CONTEXT = "context"
    """What helps to understand the rest."""
    PREFERENCE = "preference"
    """How somebody wants it."""
    RISK = "risk"
    """What may go wrong."""


def fitting_key(key: str) -> str:
    """The key in at most 128 characters. What is longer is truncated and made unique by its digest,
    so that the same long key is always the same memory, and two of them never are.
    """
    if len(key) <= MAX_MEMORY_KEY:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"{key[:_KEPT_OF_KEY]}~{digest[:16]}"
