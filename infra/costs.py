"""What a stage costs while nothing happens (`aiwebhook cloud check` shows it).

List prices of us-east-1 in dollars, 730 hours a month, as of November 2026; other Regions differ
by some percent. What is paid by use (requests, runs, traffic) is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.domain.next_poll import BUSY_POLL_MS, IDLE_POLL_MS
from aiwebhook.domain.provider import AGENT_SECRETS
from infra.agents import as_a_stage_has_them, queued_agents
from infra.stages import ZONES, Egress, Stage

_HOURS = 730
_DATABASE_HOUR = {
    "t4g.micro": 0.016,
    "t4g.small": 0.032,
    "t4g.medium": 0.065,
    "t4g.large": 0.129,
    "m7g.large": 0.168,
    "m7g.xlarge": 0.337,
    "r7g.large": 0.239,
}
_STORAGE_GIB = 0.115
_NAT_INSTANCE_HOUR = 0.0042
_NAT_DISK_GIB, _DISK_GIB = 8, 0.08
_NAT_GATEWAY_HOUR = 0.045
_ADDRESS_HOUR = 0.005
_SECRET = 0.40
_OWN_SECRETS = 3
"""Of the database, the application and GitHub's webhooks; the rest are the agents' keys."""
_QUEUES_BESIDE_AGENTS = 3
"""Of callbacks, first tries and retries, and of stopped runs."""
_POLLS_A_MINUTE, _FREE_POLLS, _POLL = 5 * 3, 1_000_000, 0.40 / 1_000_000
"""Lambda asks an empty queue over five connections, 20 seconds each; a million a month is free."""
_REQUEST = (3.50 + 0.20 + 0.50) / 1_000_000
"""Of API Gateway, of Lambda, and a kilobyte of log."""
_FUNCTION_SECOND = 0.0000133334
"""One GB on arm64, which session_api has."""
_POLL_S, _HELD_S = 0.05, 20
"""How long a request takes that is answered at once, and one that is held."""
_BUSY_HOURS = 176
_SIGNAL_S, _HEARTBEAT_S = 1, 20
"""A worker with a run asks so often whether it shall stop, and reports so often."""
_FARGATE_VCPU_HOUR, _FARGATE_GIB_HOUR = 0.03238, 0.00356
"""On arm64."""
_WAF, _WAF_RULE, _WAF_RULES = 5, 1, 4
_SNAPSHOT_SECOND = 0.0000015046
"""Keeping the snapshot of a function of one GB; restores come on top, by use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One line of the bill: what it is, and dollars a month."""

    name: str
    dollars: float


def idle_costs(stage: Stage) -> tuple[Cost, ...]:
    """By item, the dearest first."""
    copies = 2 if stage.multi_az else 1
    secrets = _OWN_SECRETS + len(AGENT_SECRETS)
    items = (
        _database(stage.database_instance, copies),
        Cost(
            name=f"database storage, {stage.database_storage_gib} GiB",
            dollars=copies * _STORAGE_GIB * stage.database_storage_gib,
        ),
        _way_out(stage.egress),
        Cost(name=f"{secrets} secrets", dollars=_SECRET * secrets),
        _polls(len(queued_agents()) + _QUEUES_BESIDE_AGENTS),
        *(
            Cost(name=f"SnapStart of {function}", dollars=_HOURS * 3600 * _SNAPSHOT_SECOND)
            for function in stage.snap_start
        ),
        *_warm_workers(stage),
        *((Cost(name="WAF", dollars=_WAF + _WAF_RULE * _WAF_RULES),) if stage.waf else ()),
    )
    return tuple(sorted(items, key=lambda item: -item.dollars))


def _warm_workers(stage: Stage) -> tuple[Cost, ...]:
    """At Fargate's list price: spare capacity is some 70 % cheaper."""
    return tuple(
        Cost(
            name=f"{agent.warm_workers} warm {agent.name}",
            dollars=_HOURS
            * agent.warm_workers
            * (
                agent.cpu / 1024 * _FARGATE_VCPU_HOUR
                + agent.memory_mib / 1024 * _FARGATE_GIB_HOUR
                + _ADDRESS_HOUR
            ),
        )
        for agent in as_a_stage_has_them(queued_agents(), stage)
        if agent.warm_workers
    )


def _database(instance: str, copies: int) -> Cost:
    name = f"database {instance}{', two zones' if copies > 1 else ''}"
    hourly = _DATABASE_HOUR.get(instance)
    if hourly is None:
        return Cost(name=f"{name}: no price is known here", dollars=0)
    return Cost(name=name, dollars=copies * hourly * _HOURS)


def _polls(queues: int) -> Cost:
    """Of Lambda, which asks queues also while they are empty."""
    polls = queues * _POLLS_A_MINUTE * 60 * _HOURS
    return Cost(name=f"polls of {queues} queues", dollars=_POLL * max(0, polls - _FREE_POLLS))


def connected_costs() -> tuple[Cost, ...]:
    """A client that is connected all month, and has something to do for 176 hours of it."""
    busy_s, idle_s = _BUSY_HOURS * 3600, (_HOURS - _BUSY_HOURS) * 3600
    polls = busy_s * 1000 / BUSY_POLL_MS + idle_s * 1000 / IDLE_POLL_MS
    with_runs = polls + busy_s / _SIGNAL_S + busy_s / _HEARTBEAT_S
    held = _HOURS * 3600 * _FUNCTION_SECOND + _HOURS * 3600 / _HELD_S * _REQUEST
    return (
        Cost(name="worker", dollars=with_runs * (_REQUEST + _POLL_S * _FUNCTION_SECOND)),
        Cost(name="listener or channel", dollars=polls * (_REQUEST + _POLL_S * _FUNCTION_SECOND)),
        Cost(name="the same if its requests were held", dollars=held),
    )


def _way_out(egress: Egress) -> Cost:
    match egress:
        case Egress.NAT_INSTANCE:
            hourly = _NAT_INSTANCE_HOUR + _ADDRESS_HOUR
            disk = _NAT_DISK_GIB * _DISK_GIB
            return Cost(name="NAT instance with its address", dollars=hourly * _HOURS + disk)
        case Egress.NAT_GATEWAY:
            return Cost(name="NAT gateway with its address", dollars=_gateways(1))
        case Egress.NAT_GATEWAY_PER_ZONE:
            return Cost(name=f"{ZONES} NAT gateways with their addresses", dollars=_gateways(ZONES))
        case Egress.IPV6:
            return Cost(name="IPv6 out", dollars=0)


def _gateways(number: int) -> float:
    return number * (_NAT_GATEWAY_HOUR + _ADDRESS_HOUR) * _HOURS
