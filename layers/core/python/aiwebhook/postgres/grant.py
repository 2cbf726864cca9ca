"""Rights as values: one privilege on a column of a table, on a whole table, or on a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import LiteralString

from psycopg import sql

PRIVILEGES: dict[str, LiteralString] = {
    word: word for word in ("SELECT", "INSERT", "UPDATE", "DELETE", "USAGE")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """`privilege` is one of PRIVILEGES; an empty `column` means the whole relation."""

    relation: str
    privilege: str
    column: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """The sort key of rights."""
        return self.relation, self.privilege, self.column

    def __str__(self) -> str:
        columns = f" ({self.column})" if self.column else ""
        return f"{self.privilege}{columns} on {self.relation}"


def give_rights(grants: Iterable[Right], role: str) -> Iterator[sql.Composed]:
    """Statements that grant the rights: one per relation and privilege."""
    for right in _rights(grants):
        yield sql.SQL("GRANT {} TO {}").format(right, sql.Identifier(role))


def take_rights(grants: Iterable[Right], role: str) -> Iterator[sql.Composed]:
    """Statements that revoke the rights."""
    for right in _rights(grants):
        yield sql.SQL("REVOKE {} FROM {}").format(right, sql.Identifier(role))


def _rights(grants: Iterable[Right]) -> Iterator[sql.Composed]:
    def kind(grant: Right) -> tuple[str, str, bool]:
        return grant.relation, grant.privilege, bool(grant.column)

    for (relation, privilege, some), group in groupby(
        sorted(grants, key=lambda grant: grant.place), key=kind
    ):
        columns = sql.SQL(", ").join(sql.Identifier(grant.column) for grant in group)
        yield sql.SQL("{}{} ON {}{}").format(
            sql.SQL(PRIVILEGES[privilege]),
            sql.SQL(" ({})").format(columns) if some else sql.SQL(""),
            sql.SQL("SEQUENCE " if privilege == "USAGE" else ""),
            sql.Identifier(relation),
        )
