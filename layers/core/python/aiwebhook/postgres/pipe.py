"""Runs several statements on one connection as one message to the server and one back.

psycopg's own pipeline takes a cursor per statement and sends each separately: that took more of a
command's time than the statements did (ADR 0020). The rest of psycopg stays in use: libpq, the
adapters, the waiting.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg import errors, generators
from psycopg.abc import Buffer, PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import RowMaker

Row = TypeVar("Row")
Statement = tuple[bytes, Sequence[object]]
"""SQL text with $1, $2 …, and their values."""
# Planning our statements costs twice their execution, so each is prepared when it comes a second
# time (ADR 0003). Behind a transaction pooler this would have to be None.
_PREPARE_AFTER = 1
_MOST_PREPARED = 100
_MOST_COUNTED = 1_000  # forgotten all at once
_Key = tuple[bytes, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapted:
    """A statement as libpq takes it. `name`: of the prepared statement; None: it is not prepared.
    `key`: set when the statement must be prepared now.
    """

    text: bytes
    values: Sequence[Buffer | None]
    types: tuple[int, ...]
    formats: Sequence[int]
    name: bytes | None
    key: _Key | None


class Pipe:
    """Sends statements on `connection`, and is the only one to prepare any there: psycopg drops all
    prepared statements when it drops its own.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.prepared = PreparedNames()
        self._adaption = Transformer(connection)

    def exchange(self, due: Sequence[str], statements: Sequence[Statement]) -> list[PGresult]:
        """Run `due`, then `statements`; returns the results of `statements`. Outside a transaction
        they form one. Raises the error of the first to fail; those after it do not run.
        """
        if not due and not statements:
            return []
        adapted = [
            self._adapted(text, values) for text, values in statements
        ]  # before any is sent: it may raise
        ahead = [*(text.encode() for text in due), *self.prepared.dropped()]
        with self.connection.lock:
            received = self.connection.wait(self._exchanged(ahead, adapted))
        results: list[PGresult] = []
        place = len(ahead)
        for each in adapted:
            if each.key is not None:
                if received[place].status == ExecStatus.COMMAND_OK:
                    self.prepared.note(each.key, each.name or b"")
                place += 1
            results.append(received[place])
            place += 1
        for result in received:
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result, encoding=self._adaption.encoding)
        return results

    def rows(self, result: PGresult, make: RowMaker[Row]) -> list[Row]:
        """All rows of a result."""
        return self._made(result, make, result.ntuples)

    def first(self, result: PGresult, make: RowMaker[Row]) -> Row | None:
        """The first row of a result, or None."""
        made = self._made(result, make, min(result.ntuples, 1))
        return made[0] if made else None

    def _made(self, result: PGresult, make: RowMaker[Row], number: int) -> list[Row]:
        self._adaption.set_pgresult(result)
        made = self._adaption.load_rows(0, number, make)
        self._adaption.set_pgresult(None)  # it may be large
        return made

    def _adapted(self, text: bytes, values: Sequence[object]) -> _Adapted:
        adaption = self._adaption
        dumped = adaption.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types = adaption.types or ()
        name, is_new = self.prepared.name_of((text, types))
        return _Adapted(
            text=text,
            values=dumped,
            types=types,
            formats=adaption.formats or (),
            name=name,
            key=(text, types) if is_new else None,
        )

    def _exchanged(
        self, ahead: Sequence[bytes], adapted: Sequence[_Adapted]
    ) -> PQGen[list[PGresult]]:
        """Send everything, as one transaction (PostgreSQL, "Pipelining"), and receive all
        results. A connection with unread results is closed: they would be taken for those of
        the next message.
        """
        pgconn = self.connection.pgconn
        received: list[PGresult] = []
        pgconn.enter_pipeline_mode()
        try:
            to_come = _queue(pgconn, ahead, adapted)
            yield from generators.send(pgconn)
            for _ in range(to_come):
                received += yield from generators.fetch_many(pgconn)
            if len(received) == to_come:
                pgconn.exit_pipeline_mode()
                return received
        except BaseException:
            pgconn.finish()
            raise
        pgconn.finish()
        raise psycopg.OperationalError("the connection is lost")


class PreparedNames:
    """Which statements the server has prepared on a connection. One that failed to prepare does not
    count; one prepared in a transaction that was rolled back does.
    """

    def __init__(self) -> None:
        self.after: int | None = _PREPARE_AFTER
        """How often a statement runs before it is prepared; None: it never is."""
        self._uses: dict[_Key, int] = {}
        self._names: OrderedDict[_Key, bytes] = OrderedDict()
        self._drop: list[bytes] = []
        self._given = 0

    def name_of(self, key: _Key) -> tuple[bytes | None, bool]:
        """The name of the prepared statement (None: run it unprepared), and whether it must
        still be prepared.
        """
        if self.after is None:
            return None, False
        name = self._names.get(key)
        if name is not None:
            self._names.move_to_end(key)
            return name, False
        uses = self._uses.get(key, 0)
        if uses < self.after:
            if len(self._uses) >= _MOST_COUNTED:
                self._uses.clear()
            self._uses[key] = uses + 1
            return None, False
        self._given += 1
        return b"s%d" % self._given, True

    def note(self, key: _Key, name: bytes) -> None:
        """Record that the server has prepared it."""
        if key in self._names:
            self._drop.append(name)  # it was in one message twice
            return
        self._names[key] = name
        if len(self._names) > _MOST_PREPARED:
            self._drop.append(self._names.popitem(last=False)[1])

    def dropped(self) -> list[bytes]:
        """Statements that drop those least recently used. Each is returned once."""
        drop, self._drop = self._drop, []
        return [b"DEALLOCATE " + name for name in drop]


def _queue(pgconn: PGconn, ahead: Sequence[bytes], adapted: Sequence[_Adapted]) -> int:
    """Pass everything to libpq; returns the number of results to expect."""
    to_come = len(ahead) + len(adapted) + 1  # the one of the Sync
    for text in ahead:
        pgconn.send_query_params(text, None)
    for each in adapted:
        if each.key is not None:
            pgconn.send_prepare(each.name or b"", each.text, param_types=each.types)
            to_come += 1
        if each.name is not None:
            pgconn.send_query_prepared(each.name, each.values, param_formats=each.formats)
        else:
            pgconn.send_query_params(
                each.text, each.values, param_types=each.types, param_formats=each.formats
            )
    pgconn.pipeline_sync()
    return to_come
