"""A plugin for the pytest of an older release: its stack's database has the schema of this tree.

It is copied into the older tree. There it has this tree's `migrate` run after the older one's, as
a deployment does before its code is live, and notes what was applied.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from aiwebhook_local import database  # the older tree's

_given = dict(os.environ)  # noqa: TID251 reason: what test_previous_release.py gives its pytest
_older: Any = database.migrate_and_seed


def migrate_and_seed(coordinates: Any, *more: Any, **named: Any) -> Any:
    """What the older release does to its database, then what a deployment of this one does."""
    made = _older(coordinates, *more, **named)
    command = [_given["NEWER_PYTHON"], "-m", "aiwebhook.postgres.migrate"]
    newer = subprocess.run(
        [*command, coordinates.dsn, "--phase", "pre"],
        env={"PYTHONPATH": _given["NEWER_PATH"]},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    Path(_given["NEWER_NOTE"]).write_text(newer.stdout, "utf-8")
    return made


# Before the module that takes it as a default is imported.
database.migrate_and_seed = migrate_and_seed
