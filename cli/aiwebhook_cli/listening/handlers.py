"""Python programs that deliveries are given to: installed packages offer them by entry point.

[project.entry-points."aiwebhook.delivery_handlers"]
on_push = "my_package:on_push"

def on_push(delivery: IncomingDelivery) -> None: ...
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, cast

from aiwebhook.errors import Invalid
from aiwebhook_cli.listening.handing_on import Attempted, HandOn, Verdict, delivery_content

Json = dict[str, Any]
HANDLER_GROUP = "aiwebhook.delivery_handlers"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingDelivery:
    """What a handler is given. `body` has the exact bytes; the names of `headers` are in lower
    case; `replayed`: it was told before, and somebody asked for it again.
    """

    delivery_id: str
    """The same at each repeat: do nothing twice for one."""
    source: str
    event: str | None
    action: str | None
    repository: str | None
    guid: str | None
    replayed: bool
    received_at: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:  # noqa: ANN401 the edge to JSON
        """The payload. Raises ValueError."""
        return json.loads(self.body)


DeliveryHandler = Callable[[IncomingDelivery], object]
"""Returns when a delivery is done. What it raises is a failure, tried three times. It is called
from several threads where several deliveries are handed on at once.
"""


def delivery_handler(name: str, hint: Callable[[str], None]) -> HandOn:
    """The handler that is installed under this name. Raises Invalid."""
    installed = {found.name: found for found in entry_points(group=HANDLER_GROUP)}
    if name not in installed:
        names = ", ".join(sorted(installed)) or "none"
        raise Invalid(f"No handler '{name}' is installed. Installed: {names}.", code="usage")
    try:
        handler: object = installed[name].load()
    except Exception as exc:  # somebody's module: whatever it raises, it cannot be used
        raise Invalid(
            f"Handler '{name}' cannot be loaded: {type(exc).__name__}: {exc}.", code="usage"
        ) from exc
    if not callable(handler):
        raise Invalid(f"Handler '{name}' is not callable.", code="usage")
    return _Handling(cast("DeliveryHandler", handler), hint)


class _Handling:
    """Calls a handler: returned is done, raised is broken, as a program's exit code."""

    def __init__(self, handler: DeliveryHandler, hint: Callable[[str], None]) -> None:
        self._handler, self._hint = handler, hint

    def __call__(self, delivery: Json) -> Attempted:
        names = ("delivery_id", "source", "event", "action", "repository", "guid", "replayed")
        given = {name: delivery[name] for name in (*names, "received_at", "headers")}
        try:
            self._handler(IncomingDelivery(body=delivery_content(delivery), **given))
        except (Exception, SystemExit) as exc:  # noqa: BLE001 a failure of the delivery, not of ours
            # What it says may quote the payload: it stays on this screen, the server gets the name.
            self._hint(f"{delivery['delivery_id']}: {type(exc).__name__}: {exc}")
            return Attempted(verdict=Verdict.BROKEN, reason=type(exc).__name__)
        return Attempted(verdict=Verdict.DONE, reason="handled")
