"""The error of a statement that waited too long for a lock."""

from psycopg.errors import LockNotAvailable

from aiwebhook.errors import Unavailable


class RowLocked(Unavailable, LockNotAvailable):
    """Another transaction has held a lock for longer than a statement may wait; nothing was stored.
    It is also psycopg's error, for stores that handle that.
    """

    def __init__(self) -> None:
        super().__init__("Another transaction holds a lock that this needs.", code="database_slow")
