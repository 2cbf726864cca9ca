"""What a store reads is a class, never a dict or a tuple. One verb, one name: a statement is run by
the method of its name, and nowhere else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.tree import sources
from tests.support.store_calls import StoreCall, statements, store_calls

STORES = "layers/core/python/aiwebhook/postgres/"
CONNECTED = frozenset({"database.py", "flush.py", "migrate.py", "roles.py"})
"""They speak to psycopg; those of the owner on a connection of their own."""
UNTYPED = frozenset({"dict_row", "namedtuple_row", "scalar_row", "kwargs_row", "args_row"})


def untyped_reads(tree: ast.Module) -> Iterator[int]:
    """Lines that read rows without a class."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names) if UNTYPED & {alias.name for alias in names}:
                yield node.lineno
            case ast.Attribute(attr=name) if name in {"fetchone", "fetchall", *UNTYPED}:
                yield node.lineno
            case _:
                pass


def test_stores_read_classes() -> None:
    assert len(store_calls()) > 100
    found = [
        f"{source.path}:{line}"
        for source in sources()
        if source.path.startswith(STORES) and source.path.removeprefix(STORES) not in CONNECTED
        for line in untyped_reads(source.tree)
    ]
    assert not found, "\n".join(["read through Database.row, rows, only, value or values", *found])


@pytest.mark.parametrize(
    "text",
    ["from psycopg.rows import dict_row", "rows = cursor.fetchall()", "psycopg.rows.scalar_row"],
)
def test_an_untyped_read_is_noticed(text: str) -> None:
    assert list(untyped_reads(ast.parse(text))) == [1]


def by_another_name(call: StoreCall) -> bool:
    """`prune` may run prune_tokens, prune_workers and more of that name, as a list of calls."""
    method = call.method.strip("_")
    one_of_several = call.as_call and call.statement.startswith(f"{method}_")
    return method != call.statement and not one_of_several


def test_every_statement_is_run_by_the_method_of_its_name() -> None:
    wrong = [str(call) for call in store_calls() if by_another_name(call)]
    assert not wrong, "\n".join(["rename the file or the method", *wrong])


def test_every_query_file_is_run_in_one_place() -> None:
    places = {(call.statement, call.module, call.method) for call in store_calls()}
    assert sorted(statement for statement, _, _ in places) == sorted(statements())


def test_a_method_of_another_name_is_noticed() -> None:
    call = StoreCall(module="m", method="find", reads="row", statement="find_task", kind="TaskRow")
    assert by_another_name(call)
