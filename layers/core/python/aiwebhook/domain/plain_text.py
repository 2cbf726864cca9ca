"""Text that is only text: what people read in a terminal, a chat or a notification.

Titles, names, messages and what an agent says pass through here as they come in; stores, callbacks
and notifications then inherit it. What a user wrote or an agent made (conversation, memory content,
artifacts, results) is kept as it is, and cleaned by whoever prints it.
"""

from __future__ import annotations

import re

_STARTS = "\x1b\x90\x98\x9b\x9d-\x9f"
"""What may start an escape sequence, as the inside of a character class."""
# Each repetition is possessive and stops at every possible start of another sequence, so that no
# input is read twice: 3 MB of escape sequences cost what 3 MB of letters do.
_SEQUENCE = re.compile(
    # OSC, DCS, SOS, PM, APC with the text that they carry, up to BEL or ST
    rf"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^{_STARTS}\x07\x18\x1a\x9c]*+(?:\x07|\x9c|\x1b\\)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # CSI: colours, movements, erasing
    r"|\x1b[ -/]*+[0-~]?"  # the other sequences, and what is left of one that has no end
)
_NEW_LINE = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Control characters; marks that turn the direction of the text around them (all of Unicode's
# Bidi_Control and the deprecated ones beside them): they show a text that is not there.
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n]+")


_READ = 64
"""Times the limit: so much is looked at for text that fits into it."""


def plain_text(text: str, *, limit: int | None = None) -> str:
    """The text without escape sequences, control characters and marks of direction.

    Every kind of line break becomes a line feed; tabs stay; half a surrogate pair becomes U+FFFD.
    With `limit`, at most so many characters, whatever the length of what came.
    """
    if limit is not None:
        return plain_text(text[: _READ * limit])[:limit]
    if text.isprintable():
        return text
    text = _NEW_LINE.sub("\n", _SEQUENCE.sub("", text))
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def plain_line(text: str, *, limit: int | None = None) -> str:
    """The same on one line: line breaks and tabs become spaces."""
    return _BREAKS.sub(" ", plain_text(text, limit=limit))
