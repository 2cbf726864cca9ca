"""Five kinds of chaos and four of pressure, for our queue and those that PyPI has."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.lab import Effort, Lab, say
from benchmarks.queues import SYSTEMS
from benchmarks.report import Section, Table, Verdict
from benchmarks.rival_workers import installed
from benchmarks.scenarios import CHAOS, PRESSURE, RATE, REPLICAS, RESCUE_S, Outcome, play
from benchmarks.targets import CHAOS_AND_PRESSURE

_ENOUGH = 0.8
_OURS = "aiwebhook"
_HOW = (
    "The scenarios of hardbyte/postgresql-job-queue-benchmarking by its adapter protocol, without "
    f"Docker and with phases of seconds: {REPLICAS} processes of four workers, {RATE:g} jobs a "
    f"second, jobs of a dead worker given to another after {RESCUE_S} s. Chaos is passed when "
    f"the rate afterwards is at least {_ENOUGH:.0%} of the rate before and every accepted job "
    "has ended 30 s later; pressure, when this also holds of the rate meanwhile. A rival's "
    "worker that ends with an error is started again, as a supervisor would. Percentages: rate "
    "afterwards (chaos) or meanwhile (pressure) by the rate before; left: jobs that never ended."
)


def run(lab: Lab, effort: Effort) -> Section:
    """Each scenario once, all systems in turn."""
    names = [
        name
        for name, system in SYSTEMS.items()
        if system.package is None or installed(system.package)
    ]
    if effort.quick:
        names = names[:2]
    found: dict[str, dict[str, Outcome]] = {}
    # Autovacuum is on, as everywhere: what it cleans up is part of the question.
    lab.set("autovacuum", None)
    for scenario, stress in {**CHAOS, **PRESSURE}.items():
        for name in names:
            say(f"resilience: {scenario}, {name}")
            found.setdefault(scenario, {})[name] = play(lab, name, stress)
    lab.set("autovacuum", "off")
    passed = {name: [_passed(s, found[s][name]) for s in found] for name in names}
    verdicts = [
        Verdict(
            row=CHAOS_AND_PRESSURE,
            target=f"{title}: {len(kinds)}/{len(kinds)}",
            measured=f"{sum(_passed(s, found[s][_OURS]) for s in kinds)}/{len(kinds)}",
            met=all(_passed(s, found[s][_OURS]) for s in kinds),
        )
        for title, kinds in (("chaos", CHAOS), ("pressure", PRESSURE))
    ]
    rows = [(s, *(_cell(s, found[s][name]) for name in names)) for s in found]
    total = ("passed", *(f"{sum(passed[name])}/{len(found)}" for name in names))
    return Section(
        title="Chaos and pressure",
        how=_HOW,
        tables=(Table(header=("", *names), rows=[*rows, total]),),
        verdicts=verdicts,
        notes=_notes(names),
    )


def _share(scenario: str, outcome: Outcome) -> float:
    after = outcome.recovery if scenario in CHAOS else outcome.stress
    return after / outcome.baseline if outcome.baseline else 0.0


def _passed(scenario: str, outcome: Outcome) -> bool:
    return _share(scenario, outcome) >= _ENOUGH and not outcome.left


def _cell(scenario: str, outcome: Outcome) -> str:
    mark = "passed" if _passed(scenario, outcome) else "**failed**"
    left = f", {outcome.left:,} left" if outcome.left else ""
    return f"{mark} ({_share(scenario, outcome):.0%}{left})"


def _notes(names: Sequence[str]) -> list[str]:
    missing = [name for name in SYSTEMS if name not in names]
    return [f"{name}: not in this run" for name in missing]
