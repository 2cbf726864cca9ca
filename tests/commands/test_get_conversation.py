"""get_conversation: what was said, in pages, from either end, once and without a gap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.errors import Invalid, NotFound
from tests.support.commands import CommandDriver


def pages(driver: CommandDriver, session_id: str, **asked: Any) -> list[dict[str, Any]]:
    """All pages, by their cursors."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while not found or cursor is not None:
        data = driver.send("get_conversation", session_id, {**asked, "cursor": cursor}).data
        found.append(data)
        cursor = data["next_cursor"]
        assert len(found) < 1000
    return found


def whole(found: list[dict[str, Any]]) -> list[str]:
    """The texts in the order they came in, parts put together."""
    texts: list[tuple[str, str]] = []
    for chunk in (chunk for page in found for chunk in page["chunks"]):
        if texts and texts[-1][0] == chunk["chunk_id"]:
            texts[-1] = (chunk["chunk_id"], texts[-1][1] + chunk["content"])
        else:
            texts.append((chunk["chunk_id"], chunk["content"]))
    return [text for _, text in texts]


@pytest.mark.req("S2")
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    lengths=st.lists(st.integers(1, 1500), min_size=1, max_size=8),
    limit=st.integers(1, 5),
    order=st.sampled_from(["newest", "oldest"]),
)
def test_pages_tell_everything_once(
    driver: CommandDriver, lengths: list[int], limit: int, order: str
) -> None:
    session_id = driver.session()
    said = [chr(65 + number) * length for number, length in enumerate(lengths)]
    for text in said:
        driver.send("append_conversation", session_id, {"content": text})

    found = pages(driver, session_id, limit=limit, order=order, max_chars=500)

    assert whole(found) == (said if order == "oldest" else said[::-1])
    assert all(len(page["chunks"]) <= limit for page in found)
    assert all(sum(len(chunk["content"]) for chunk in page["chunks"]) <= 500 for page in found)


@pytest.mark.req("S2")
def test_text_of_the_blob_store_comes_in_parts(driver: CommandDriver) -> None:
    session_id = driver.session()
    text = "".join(f"{number:09d} " for number in range(30_000))
    driver.send("append_conversation", session_id, {"content": text})

    found = pages(driver, session_id, max_chars=200_000)

    assert [chunk["part"] for page in found for chunk in page["chunks"]] == [
        {"from": 0, "to": 200_000, "of": 300_000},
        {"from": 200_000, "to": 300_000, "of": 300_000},
    ]
    assert whole(found) == [text]


@pytest.mark.req("S2")
def test_what_is_said_meanwhile_disturbs_no_page(driver: CommandDriver) -> None:
    session_id = driver.session()
    for text in ("one", "two", "three"):
        driver.send("append_conversation", session_id, {"content": text})
    first = driver.send("get_conversation", session_id, {"limit": 2}).data
    driver.send("append_conversation", session_id, {"content": "four"})

    second = driver.send("get_conversation", session_id, {"cursor": first["next_cursor"]}).data

    assert whole([first, second]) == ["three", "two", "one"]


@pytest.mark.req("S2")
def test_a_cursor_of_another_list_and_an_unknown_session_are_refused(driver: CommandDriver) -> None:
    session_id = driver.session()
    with pytest.raises(Invalid):
        driver.send("get_conversation", session_id, {"cursor": "abc"})
    with pytest.raises(NotFound):
        driver.send("get_conversation", "nowhere")
    assert driver.send("get_conversation", session_id).say == "Nothing has been said yet."
