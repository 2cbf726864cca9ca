"""One of a thing is not told in the plural."""

from __future__ import annotations

import pytest

from aiwebhook.commands import get_updates
from aiwebhook.commands.schema_wording import received
from aiwebhook.domain.counted import counted
from aiwebhook_cli.task_view import _short  # pyright: ignore[reportPrivateUsage] the rule itself


@pytest.mark.req("D1")
@pytest.mark.parametrize("number", [0, 1, 2, 40])
def test_a_number_is_followed_by_its_noun(number: int) -> None:
    s = "" if number == 1 else "s"
    page: dict[str, object] = {"total": number, "updates": []}

    assert counted(number, "task") == f"{number} task{s}"
    assert counted(number, "memory", "memories").endswith("memory" if number == 1 else "memories")
    assert received("\x07" * number) == (f"text of {number} character{s}" if number else '""')
    assert get_updates.phrase(get_updates.Data(), page).message.startswith(f"{number} update{s} ")
    if number:
        assert _short(["x" * 999] * number) == f"{number} item{s} … (--json shows all)"
