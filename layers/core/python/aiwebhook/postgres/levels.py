"""Transactions without round trips of their own: the statements that begin and end them go along
with the next statement.
"""

from __future__ import annotations

from typing import LiteralString


class Levels:
    """The transaction of a connection and its savepoints, as they are entered and left. All
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
        """End the innermost. A level in which no statement ran sends nothing."""
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
        """Statements to send ahead of the next one, or alone if they end the transaction. Each
        is returned once.
        """
        due, self._due = self._due, []
        self._sent = [True] * len(self._sent)
        return due
