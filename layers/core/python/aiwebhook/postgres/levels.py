"""Transactions that cost no round trips of their own: what begins and releases them goes along with
the statement that comes next.
"""

from __future__ import annotations

from typing import LiteralString


class Levels:
    """The transaction of a connection and the savepoints in it, as they are entered and left. All
    savepoints have one name: it always means the innermost.
    """

    def __init__(self) -> None:
        self.depth = 0
        """How many are entered and not left."""
        self._sent: list[bool] = []
        self._due: list[LiteralString] = []

    def enter(self) -> None:
        """Begin a transaction, or a savepoint in it."""
        self._due.append("SAVEPOINT level" if self._sent else "BEGIN")
        self._sent.append(False)
        self.depth += 1

    def leave(self, *, undone: bool) -> None:
        """End the innermost. One that no statement has entered leaves no trace."""
        self.depth -= 1
        if not self._sent.pop():
            self._due.pop()
        elif self._sent:
            if undone:
                self._due.append("ROLLBACK TO SAVEPOINT level")
            self._due.append("RELEASE SAVEPOINT level")
        elif undone:
            self._due = ["ROLLBACK"]
        else:
            self._due.append("COMMIT")

    def due(self) -> list[LiteralString]:
        """What goes ahead of the next statement, or alone where that ends the transaction. It
        is due once.
        """
        due, self._due = self._due, []
        self._sent = [True] * len(self._sent)
        return due
