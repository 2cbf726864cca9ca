"""What a stage costs while nothing happens: `python -m infra.costs dev` prints it as JSON.

List prices of us-east-1 in dollars, 730 hours a month, as of November 2026; other Regions differ
by some percent. What is paid by use (requests, runs, traffic) is not in it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from aiwebhook.domain.provider import AGENT_SECRETS
from infra.stages import STAGES, Egress, Stage

_HOURS = 730
_DATABASE_HOUR = {"t4g.micro": 0.016, "t4g.small": 0.032, "t4g.medium": 0.065, "m7g.large": 0.168}
_STORAGE_GIB = 0.115
_NAT_INSTANCE_HOUR = 0.0042
_NAT_DISK_GIB, _DISK_GIB = 8, 0.08
_NAT_GATEWAY_HOUR = 0.045
_ADDRESS_HOUR = 0.005
_SECRET = 0.40
_OWN_SECRETS = 3
"""Of the database, the application and GitHub's webhooks; the rest are the agents' keys."""
_ZONES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One line of the bill: what it is, and dollars a month."""

    name: str
    dollars: float


def idle_costs(stage: Stage) -> tuple[Cost, ...]:
    """By item, the dearest first. Raises KeyError for a database class without a price here."""
    copies = 2 if stage.multi_az else 1
    secrets = _OWN_SECRETS + len(AGENT_SECRETS)
    items = (
        Cost(
            name=f"database {stage.database_instance}{', two zones' if stage.multi_az else ''}",
            dollars=copies * _DATABASE_HOUR[stage.database_instance] * _HOURS,
        ),
        Cost(
            name=f"database storage, {stage.database_storage_gib} GiB",
            dollars=copies * _STORAGE_GIB * stage.database_storage_gib,
        ),
        _way_out(stage.egress),
        Cost(name=f"{secrets} secrets", dollars=_SECRET * secrets),
    )
    return tuple(sorted(items, key=lambda item: -item.dollars))


def _way_out(egress: Egress) -> Cost:
    if egress is Egress.NAT_INSTANCE:
        hourly = _NAT_INSTANCE_HOUR + _ADDRESS_HOUR
        disk = _NAT_DISK_GIB * _DISK_GIB
        return Cost(name="NAT instance with its address", dollars=hourly * _HOURS + disk)
    hourly = _ZONES * (_NAT_GATEWAY_HOUR + _ADDRESS_HOUR)
    return Cost(name=f"{_ZONES} NAT gateways with their addresses", dollars=hourly * _HOURS)


def main(arguments: Sequence[str]) -> int:
    """Print the items of the stage that is named. Exit code 2 when there is no such stage."""
    stages = {stage.name: stage for stage in STAGES}
    if len(arguments) != 1 or arguments[0] not in stages:
        print(f"usage: python -m infra.costs {'|'.join(stages)}", file=sys.stderr)
        return 2
    print(json.dumps([asdict(item) for item in idle_costs(stages[arguments[0]])]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
