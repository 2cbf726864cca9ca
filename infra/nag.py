"""`python -m infra.nag [AwsSolutions|Serverless]` prints what cdk-nag says of dev and prod.

Of AwsSolutions every finding is mended or justified, which a test holds; Serverless is a report.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, NagPack, ServerlessChecks

from infra.app import build_app
from infra.assets import Assets
from infra.justify import METADATA
from infra.stages import STAGES, Stage

PACKS: Mapping[str, type[NagPack]] = {
    "AwsSolutions": AwsSolutionsChecks,
    "Serverless": ServerlessChecks,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NagFinding:
    """`rule` without the pack's name; `found` is what cdk-nag names, such as a resource."""

    path: str
    rule: str
    found: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """Of the construct at `path` and all within."""

    path: str
    rule: str
    pattern: str
    reason: str

    def answers(self, finding: NagFinding) -> bool:
        """Whether it was meant for this."""
        return (
            finding.rule == self.rule
            and finding.path.startswith(f"{self.path}/")
            and fnmatchcase(finding.found, self.pattern)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a pack found, and what was justified."""

    findings: tuple[NagFinding, ...]
    justifications: tuple[Justification, ...]

    @property
    def open(self) -> tuple[NagFinding, ...]:
        """Neither mended nor justified."""
        return tuple(
            finding
            for finding in self.findings
            if not any(each.answers(finding) for each in self.justifications)
        )

    @property
    def idle(self) -> tuple[Justification, ...]:
        """Acknowledgements that nothing was found for."""
        return tuple(
            each
            for each in self.justifications
            if not any(each.answers(finding) for finding in self.findings)
        )


def examine(pack: str, stages: Sequence[Stage] = STAGES) -> Examination:
    """Synthesise the stages under a pack of cdk-nag. What it says goes to standard error, too."""
    with tempfile.TemporaryDirectory() as folder:
        app = build_app(assets=Assets(named=True), outdir=folder, stages=stages)
        Validations.of(app).add_plugins(PACKS[pack](app))
        report = Path(folder) / "validation-report.json"
        try:
            app.synth()
        except RuntimeError:  # of jsii: there are findings
            if not report.is_file():
                raise
        found = tuple(_findings(pack, report)) if report.is_file() else ()
        return Examination(findings=found, justifications=tuple(_justifications(app)))


def _findings(pack: str, report: Path) -> Iterator[NagFinding]:
    said: Mapping[str, Any] = json.loads(report.read_text("utf-8"))
    for plugin in said["pluginReports"]:
        if plugin["pluginName"] != pack:
            continue
        for violation in plugin["violations"]:
            name, _, found = violation["ruleName"].removeprefix(f"{pack}-").partition("[")
            for construct in violation["violatingConstructs"]:
                yield NagFinding(
                    path=construct["constructPath"],
                    rule=name,
                    found=found.removesuffix("]"),
                    says=violation["description"],
                )


def _justifications(app: App) -> Iterator[Justification]:
    for construct in app.node.find_all():
        for entry in construct.node.metadata:
            if entry.type == METADATA:
                rule, _, pattern = str(entry.data["rule"]).partition(" ")
                yield Justification(
                    path=construct.node.path,
                    rule=rule,
                    pattern=pattern or "*",
                    reason=entry.data["reason"],
                )


def main(arguments: Sequence[str]) -> int:
    """Print a line per open finding. Exit code 1 when AwsSolutions has any."""
    pack = arguments[0] if arguments else "AwsSolutions"
    result = examine(pack)
    for finding in result.open:
        print(f"{finding.path}: {finding.rule} {finding.found} {finding.says}")
    print(f"{pack}: {len(result.findings)} found, {len(result.open)} open")
    return 1 if pack == "AwsSolutions" and result.open else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
