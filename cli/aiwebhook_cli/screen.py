"""A person's screen: nothing that is printed can drive the terminal or pose as our own words.

What agents, LLMs and other people wrote goes through here, on a terminal and in a pipe. Rich's
markup is off, links are left out, and every piece of text loses its control characters. The only
escape sequences that come out are Rich's own: colours, and the figures of a live display.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from aiwebhook.domain.plain_text import plain_text


class Screen(Console):
    """Rich's console for text that nobody here wrote."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 as its parent
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 as its parent
        """Cleaned before it is measured, so that tables keep their columns."""
        return super().render_str(plain_text(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Every piece of every renderable comes by here, whoever made it."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else _clean(segment)

    def on_broken_pipe(self) -> None:
        """The reader, such as `head`, has gone. Rich would exit with 1; `main` ends it well."""
        raise BrokenPipeError


def styled(*parts: str | tuple[str, str]) -> Text:
    """Text of parts: plain ones, and pairs of text and style."""
    cleaned = (
        plain_text(part) if isinstance(part, str) else (plain_text(part[0]), part[1])
        for part in parts
    )
    return Text.assemble(*cleaned)


def _clean(segment: Segment) -> Segment:
    style = segment.style
    if style is not None and style.link:
        style = style.update_link(None)
    return Segment(plain_text(segment.text), style)
