"""What a statement gave back."""

from typing import Any, TypeVar

from psycopg import Cursor
from psycopg.pq import ExecStatus

Row = TypeVar("Row")


def fetched(cursor: Cursor[Row]) -> list[Row]:
    """Its rows, also those of a SELECT without columns (which has no `description`); [] when it
    is no query.
    """
    result: Any = cursor.pgresult
    if result is None or result.status != ExecStatus.TUPLES_OK:
        return []
    return cursor.fetchall()
