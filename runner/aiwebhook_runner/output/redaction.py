"""Removes secrets from a run's output: those known by value, and text that looks like one."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

SHORTEST = 8
"""A shorter value is hardly a secret, and would black out innocent words."""
MASK = "[redacted]"
_BLOCK = 1024 * 1024

_SHAPES = (
    r"sk-[A-Za-z0-9_-]{20,}",  # Anthropic, OpenAI and those who follow them
    r"AIza[A-Za-z0-9_-]{35}",  # Google
    r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    r"aiw_[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{32,}",  # ours, and Standard Webhooks
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",  # JWT
    r"(?s:-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))",
)
_MARKED = (
    r"(?i:(?<=bearer )|(?<=x-api-key: )|(?<=secret_access_key=)|(?<=secret_access_key = ))"
    r"[A-Za-z0-9._~+/=-]{16,}"
)
_IN_URL = r"(?<=://)[^\s/@:]{1,256}:[^\s/@]{1,256}(?=@)"
_SECRET_SHAPES = "|".join((*_SHAPES, _MARKED, _IN_URL))
"""Compiled by `re` with the first text, when an agent has started that waited for our imports."""


class Redactor:
    """For one run. Longest first, so that a secret that contains another is removed whole."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {s for s in secrets if len(s) >= SHORTEST}
        known |= {quote(s, safe="") for s in known}
        self._secrets = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """For text that people read: removes known secrets, and what looks like one."""
        return re.sub(_SECRET_SHAPES, MASK, self.known(text))

    def known(self, text: str) -> str:
        """For patches and other work: removes known secrets only. Code may contain what merely
        looks like one (a test's dummy key), and a patch with words replaced no longer applies.
        """
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def holds_known(self, file: Path) -> bool:
        """Whether the file contains a known secret."""
        secrets = [secret.encode("utf-8", "surrogateescape") for secret in self._secrets]
        overlap = max(map(len, secrets), default=1) - 1
        with file.open("rb") as opened:
            kept = b""
            while block := opened.read(_BLOCK):
                seen = kept + block
                if any(secret in seen for secret in secrets):
                    return True
                kept = seen[max(0, len(seen) - overlap) :]
        return False
