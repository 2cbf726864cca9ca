"""A Git host's own message about a refusal, safe to show: bounded, without control characters,
escape sequences and secrets.
"""

import re
from collections.abc import Iterator

from aiwebhook.domain.plain_text import plain_text
from aiwebhook_runner.output.redaction import Redactor

MAX_CHARS = 400
_REMOTE = re.compile(r"(?m)^remote: ?(.*)$")
_REJECTED = re.compile(r"\[(?:remote )?rejected\].*?\((.*)\)[ \t]*$", re.MULTILINE)
_ORNAMENT = re.compile(r"^[\W_]*$")
_PROGRESS = re.compile(
    r"^(?:Resolving deltas|Enumerating|Counting|Compressing|Writing|Processing)\b.*"
)
_PREFIX = re.compile(r"^(?:error|fatal|ERROR): +")
_MASK = Redactor()


def host_message(stderr: str) -> str:
    """From git's output: the `remote:` lines, otherwise the reason in parentheses, on one line.
    Empty when the host gave none.
    """
    lines = list(dict.fromkeys(_remote_lines(stderr)))
    reasons = [reason for reason in _REJECTED.findall(stderr) if reason not in lines]
    return one_safe_line(" ".join([*lines, *(f"({reason})" for reason in reasons)]))


def one_safe_line(text: str) -> str:
    """One line of a host, without secrets and within MAX_CHARS."""
    line = _MASK(" ".join(plain_text(text).split()))
    return line if len(line) <= MAX_CHARS else line[: MAX_CHARS - 2].rstrip() + " …"


def _remote_lines(stderr: str) -> Iterator[str]:
    for line in _REMOTE.findall(plain_text(stderr)):
        words = _PREFIX.sub("", line.strip())
        if not _ORNAMENT.match(words) and not _PROGRESS.match(words):
            yield words
