"""Lists of any length: page after page of the API, as far as `--limit` says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aiwebhook.domain.page import MAX_PAGE
from aiwebhook_cli.printing import print_json, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals

if TYPE_CHECKING:
    from aiwebhook.client import Client

Json = dict[str, Any]
FetchPage = Callable[[int, str | None], Json]
"""A page of so many rows behind a cursor: the API's answer."""
LONGEST_LIST = 10_000
RowLimit = Annotated[int, typer.Option(help="How many at most.", min=1, max=LONGEST_LIST)]
PageCursor = Annotated[
    str | None, typer.Option("--cursor", help="Continue after the page that printed this cursor.")
]
_SEARCHED_PAGES = 10  # in which a short id is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """How a list is shown. `rows` is the field of the answer; `row` makes one fit for a table."""

    rows: str
    columns: Sequence[Column]
    nothing: str
    row: Callable[[Json], Json] | None = None


def pages_of(
    client: Client, path: str, wanted: Mapping[str, Any] = MappingProxyType({})
) -> FetchPage:
    """The pages of a resource that the API lists, of which those are `wanted`."""
    return lambda size, after: client.get(path, {**wanted, "limit": size, "cursor": after})


def print_list(
    options: Globals, fetch: FetchPage, shown: ListView, *, limit: int, cursor: str | None
) -> None:
    """As many rows as there are, at most `limit`. With --jsonl each page is printed as it comes, so
    that memory does not grow with the list; tables and --json are one whole.
    """
    pages = _pages(fetch, shown.rows, limit, cursor)
    if options.lines:
        for page in pages:
            print_json(options, page)
            sys.stdout.flush()
        return
    body = next(pages)
    for page in pages:
        body |= {**page, shown.rows: [*body[shown.rows], *page[shown.rows]]}
    rows: list[Json] = body[shown.rows]
    if "count" in body:
        body["count"] = len(rows)
    if shown.row is not None and not options.json:
        rows = [shown.row(row) for row in rows]
    print_rows(options, body, rows, shown.columns, nothing=shown.nothing)


def ids_on_pages(fetch: FetchPage, rows: str, name: str) -> Iterator[str]:
    """The ids on the newest pages of a list: among them a short one is looked for."""
    for page in _pages(fetch, rows, MAX_PAGE * _SEARCHED_PAGES, None):
        yield from (row[name] for row in page[rows])


def _pages(fetch: FetchPage, rows: str, limit: int, cursor: str | None) -> Iterator[Json]:
    """Only the last one says where the next begins."""
    while True:
        page = fetch(min(limit, MAX_PAGE), cursor)
        page.pop("session_id", None)  # of the reply's envelope: beside it, rows are no list's
        limit -= len(page[rows])
        cursor = page.get("next_cursor")
        if not cursor or limit <= 0:
            yield page
            return
        yield {**page, "next_cursor": None}
