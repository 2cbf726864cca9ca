"""Attributes a stretch of WAL to relations, using the server's own pg_waldump."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from aiwebhook_local.postgres_files import data_folder
from benchmarks.lab import Lab

_LENGTH = re.compile(r"len \(rec/tot\):\s+\d+/\s*(\d+)")
_RELATION = re.compile(r"rel \d+/\d+/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wal:
    """Bytes of a stretch of WAL, in total and by relation ('commit' for those of none)."""

    total: int
    by_relation: Counter[str]


def written(lab: Lab, connection: psycopg.Connection[Any], work: Callable[[], object]) -> Wal:
    """The WAL written while `work` ran; nothing else may write to the server meanwhile. Raises
    CalledProcessError when pg_waldump cannot read it.
    """
    start = _position(connection)
    work()
    end = _position(connection)
    # A synchronous commit flushes the WAL for pg_waldump; a checkpoint might recycle the file.
    connection.execute("select pg_current_xact_id()")
    user = "nobody" if os.geteuid() == 0 else ""
    folder = data_folder(lab.server.log_file.parent, user) / "pg_wal"
    command = [lab.program("pg_waldump"), f"--path={folder}", f"--start={start}", f"--end={end}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    names = _names(connection)
    counted: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        length, relation = _LENGTH.search(line), _RELATION.search(line)
        if length is not None:
            name = names.get(relation[1], "other") if relation else "commit"
            counted[name] += int(length[1])
    return Wal(total=sum(counted.values()), by_relation=counted)


def _position(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("select pg_current_wal_insert_lsn()").fetchone()
    return str(row[0]) if row else ""


def _names(connection: psycopg.Connection[Any]) -> dict[str, str]:
    rows = connection.execute(
        "select pg_relation_filenode(oid), coalesce(i.indrelid::regclass::text || ' (indexes)',"
        " c.relname) from pg_class c left join pg_index i on i.indexrelid = c.oid"
        " where pg_relation_filenode(oid) is not null"
    ).fetchall()
    return {str(number): name for number, name in rows}
