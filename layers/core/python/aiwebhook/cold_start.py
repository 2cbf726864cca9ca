"""Makes the import of a function short. A handler imports this module before all others of ours,
and calls `imported` once it is wired.

Collections are held: what modules make stays, so they find nothing, and took a sixth of
session_api's import. And pydantic does not look for plugins, for which it would open the metadata
of every installed package.
"""

from __future__ import annotations

import gc
import os

gc.disable()
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # noqa: TID251  reason: said to a library, before it is imported


def imported() -> None:
    """Collect from now on; what is there by now is left out of every collection to come."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
