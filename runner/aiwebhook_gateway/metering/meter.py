"""The meter of one exchange: reads what goes to the provider and what comes back."""

import re
from dataclasses import replace

from aiwebhook_gateway.jsons import as_object, parse
from aiwebhook_gateway.metering.sse import LONGEST_EVENT, EventSplitter
from aiwebhook_gateway.metering.tally import Count, Tally, TokenCounts

_MODEL = re.compile(rb'"model"\s*:\s*"([^"\\]{1,100})"')
_PRESENTABLE = re.compile(r"[\w.:/@\[\]-]{1,100}", re.ASCII)
_CHARACTERS_A_TOKEN = 4
_LARGEST_GUESS = 200_000
"""Tokens of input: what most models take. Without a bound an image, whose tokens depend on its
pixels, would count by its bytes.
"""


class Meter:
    """Feed it every piece of request and response. `tokens` is what the provider has reported,
    `estimate` fills the gaps. Never raises: what cannot be read is estimated.
    """

    def __init__(self, count: Count, *, model: str = "") -> None:
        self.tally = Tally(model=model)
        self._count = count
        self._requested_model = model
        self._sent = 0
        self._splitter: EventSplitter | None = None
        self._whole: bytearray | None = None

    def sent(self, piece: bytes) -> None:
        """Count a piece of the request. Only the first is searched for the model's name."""
        if self._sent == 0 and not self._requested_model:
            found = _MODEL.search(piece)
            self._requested_model = found.group(1).decode("utf-8", "replace") if found else ""
        self._sent += len(piece)

    def begins(self, content_type: str) -> None:
        """Called once, with the header of the response."""
        if content_type.partition(";")[0].strip().lower() == "text/event-stream":
            self._splitter = EventSplitter()
        else:
            self._whole = bytearray()

    def received(self, piece: bytes) -> None:
        if self._splitter:
            for data in self._splitter.feed(piece):
                self._count(self.tally, as_object(parse(data)))
        elif self._whole is not None and len(self._whole) + len(piece) <= LONGEST_EVENT:
            self._whole += piece
        else:
            self._whole = None

    def ended(self) -> None:
        """Called once, when the response is complete."""
        if self._whole:
            self._count(self.tally, as_object(parse(self._whole)))
            self._whole = None

    @property
    def model(self) -> str:
        """The provider's name for it, else the request's; empty if it is unfit to be shown."""
        name = self.tally.model or self._requested_model
        return name if _PRESENTABLE.fullmatch(name) else ""

    @property
    def tokens(self) -> TokenCounts:
        """What the provider has reported so far."""
        return self.tally.tokens

    @property
    def estimate(self) -> TokenCounts:
        """The least that was used so far; equal to `tokens` once the answer is complete."""
        counted = self.tally.tokens
        if self.tally.complete:
            return counted
        guess = -(-self.tally.characters // _CHARACTERS_A_TOKEN)
        estimate = min(self._sent // _CHARACTERS_A_TOKEN, _LARGEST_GUESS)
        return replace(counted, input=counted.input or estimate, output=max(counted.output, guess))

    @property
    def is_estimated(self) -> bool:
        """True until the provider has reported the final usage."""
        return not self.tally.complete
