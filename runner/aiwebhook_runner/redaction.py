"""Takes the values of the declared secrets out of what an agent says to humans."""

from collections.abc import Iterable

SHORTEST = 8
"""A shorter value is no secret worth the name, and would black out innocent words."""
MASK = "[redacted]"


class Redactor:
    """Longest first, so that a secret that contains another one goes whole."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= SHORTEST}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text
