"""Several statements are one message and one transaction; what the server prepares is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from aiwebhook.postgres.pipe import Pipe, Statement
from aiwebhook.postgres.rows import value_maker

pytestmark = pytest.mark.req("T2")


@pytest.fixture
def pipe(database: str) -> Iterator[Pipe]:
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("CREATE TEMP TABLE kept (n integer PRIMARY KEY)")
        yield Pipe(connection)


def keep(n: object) -> Statement:
    return b"INSERT INTO kept VALUES ($1) RETURNING n", [n]


def kept(pipe: Pipe) -> list[int]:
    return [n for (n,) in pipe.connection.execute("SELECT n FROM kept ORDER BY n").fetchall()]


def prepared(pipe: Pipe) -> set[str]:
    rows = pipe.connection.execute("SELECT name FROM pg_prepared_statements").fetchall()
    return {name for (name,) in rows}


def idle(pipe: Pipe) -> bool:
    return pipe.connection.info.transaction_status == TransactionStatus.IDLE


def values(pipe: Pipe, *statements: Statement) -> list[Any]:
    results = pipe.exchange((), statements)
    return [pipe.first(result, value_maker(int)) for result in results]


def test_each_statement_has_its_result(pipe: Pipe) -> None:
    assert values(pipe, keep(1), (b"SELECT 7", ()), keep(2)) == [1, 7, 2]
    assert values(pipe, (b"SELECT 7 WHERE false", ())) == [None]
    assert kept(pipe) == [1, 2]


def test_the_first_to_fail_undoes_all_and_is_named(pipe: Pipe) -> None:
    for _ in range(3):  # first as it comes, then while it is prepared, then prepared
        with pytest.raises(psycopg.errors.DivisionByZero):
            pipe.exchange((), [keep(1), (b"SELECT 1 / $1::integer", [0]), keep(2), keep(2)])
        assert idle(pipe)
    assert kept(pipe) == []


def test_a_statement_is_prepared_when_it_comes_again(pipe: Pipe) -> None:
    values(pipe, keep(1))
    assert prepared(pipe) == set()
    values(pipe, keep(2))
    assert len(prepared(pipe)) == 1
    values(pipe, keep(3), keep(4))
    assert len(prepared(pipe)) == 1
    values(pipe, keep(5))
    assert kept(pipe) == [1, 2, 3, 4, 5]


def test_one_that_did_not_come_to_be_prepared_is_prepared_later(pipe: Pipe) -> None:
    values(pipe, keep(1))
    failing = (b"SELECT 1 / $1::integer", [0])
    with pytest.raises(psycopg.errors.DivisionByZero):
        pipe.exchange((), [failing, keep(2)])
    assert values(pipe, keep(2)) == [2]
    assert values(pipe, keep(3)) == [3]


def test_one_that_fails_to_be_prepared_says_why(pipe: Pipe) -> None:
    for _ in range(3):
        with pytest.raises(psycopg.errors.UndefinedTable):
            pipe.exchange((), [(b"SELECT n FROM no_such_table", ())])
        assert idle(pipe)


def test_what_cannot_be_sent_leaves_nothing_sent(pipe: Pipe) -> None:
    with pytest.raises(psycopg.ProgrammingError):
        pipe.exchange((), [keep(1), keep(object())])
    assert idle(pipe)
    assert kept(pipe) == []


def test_those_not_used_for_longest_are_dropped(pipe: Pipe) -> None:
    for n in range(103):
        text = b"SELECT %d" % n
        assert values(pipe, (text, ()), (text, ())) == [n, n]
    pipe.exchange((), [keep(1)])
    assert len(prepared(pipe)) == 100
    assert values(pipe, (b"SELECT 0", ()), (b"SELECT 102", ())) == [0, 102]


def test_one_that_comes_twice_while_it_is_prepared_is_kept_once(pipe: Pipe) -> None:
    values(pipe, keep(1), keep(2), keep(3))
    values(pipe, keep(4))
    assert len(prepared(pipe)) == 1


def test_what_is_due_goes_ahead(pipe: Pipe) -> None:
    pipe.exchange(["BEGIN", "SAVEPOINT level"], [keep(1)])
    assert pipe.connection.info.transaction_status == TransactionStatus.INTRANS
    pipe.exchange(["ROLLBACK TO SAVEPOINT level", "RELEASE SAVEPOINT level"], [keep(2)])
    pipe.exchange(["COMMIT"], [])
    assert kept(pipe) == [2]


def test_large_statements_and_large_results_pass_each_other(pipe: Pipe) -> None:
    text = "x" * 8_000_000
    large = (b"SELECT $1::text", [text])
    results = pipe.exchange((), [large] * 4)
    assert [pipe.first(each, value_maker(str)) == text for each in results] == [True] * 4


def test_a_connection_that_ends_meanwhile_is_closed(pipe: Pipe, database: str) -> None:
    ending = (b"SELECT pg_terminate_backend(pg_backend_pid())", ())
    with pytest.raises(psycopg.OperationalError):
        pipe.exchange((), [keep(1), ending, keep(2)])
    assert pipe.connection.closed


def test_a_notice_that_comes_along_is_kept_for_who_waits_for_it(pipe: Pipe) -> None:
    pipe.connection.execute("LISTEN wire")
    list(pipe.connection.notifies(timeout=0, stop_after=1))  # from now on they are kept
    pipe.exchange((), [(b"NOTIFY wire", ())])
    assert len(list(pipe.connection.notifies(timeout=0, stop_after=1))) == 1
