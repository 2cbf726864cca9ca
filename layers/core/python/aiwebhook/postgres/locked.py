"""The error of a statement that waited in vain for a lock."""

from psycopg.errors import LockNotAvailable

from aiwebhook.errors import Unavailable


class RowLocked(Unavailable, LockNotAvailable):
    """Somebody holds a lock for longer than a statement may wait; nothing was stored. It is
    psycopg's error as well, for stores that know what it means.
    """

    def __init__(self) -> None:
        super().__init__("Another transaction holds a lock that this needs.", code="database_slow")
