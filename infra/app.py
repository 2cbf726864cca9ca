"""The CDK app. cdk.json starts it in the environment that `make .venv/.infra` makes:
`npx aws-cdk@2.1148.1 deploy -c stage=dev 'AiWebhook-dev-*'`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import App, DefaultStackSynthesizer, Tags

from infra import ROOT
from infra.agents import as_a_stage_has_them, queued_agents
from infra.assets import Assets
from infra.stacks.data import DataStack
from infra.stacks.door import DoorStack
from infra.stacks.network import NetworkStack
from infra.stacks.service import ServiceStack
from infra.stage_file import StageFileError, choose_stages, read_stages
from infra.stages import Stage
from infra.version import VERSION


def build_app(
    *, assets: Assets, outdir: str | None = None, stages: Sequence[Stage] | None = None
) -> App:
    """Stages as stacks AiWebhook-<stage>-<network|data|door|service>, in order of deployment.

    Which ones: `stages`, or as the context `stage` says (names, by commas), or all of the user's
    file. The context of cdk.json is read here too, so that the result is the same without the CDK
    CLI. Raises StageFileError.
    """
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    app = App(
        outdir=outdir,
        context=context,
        analytics_reporting=False,
        # The CDK CLI checks the bootstrap version itself; a parameter would ask for it everywhere.
        default_stack_synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    agents = queued_agents()
    for stage in _asked_for(app) if stages is None else stages:
        prefix = f"AiWebhook-{stage.name}"
        network = NetworkStack(app, f"{prefix}-network", stage=stage)
        data = DataStack(app, f"{prefix}-data", stage=stage, network=network)
        door = DoorStack(app, f"{prefix}-door", stage=stage)
        service = ServiceStack(
            app,
            f"{prefix}-service",
            stage=stage,
            assets=assets,
            agents=as_a_stage_has_them(agents, stage),
            network=network,
            data=data,
            door=door,
        )
        for part in (network, data, door, service):
            Tags.of(part).add("aiwebhook:stage", stage.name)
            Tags.of(part).add("aiwebhook:version", VERSION)
    return app


def _asked_for(app: App) -> tuple[Stage, ...]:
    known = read_stages()
    names = app.node.try_get_context("stage")
    return known if names is None else choose_stages(str(names), known)


def main() -> str | None:
    """Synthesise for the CDK CLI. Returns what is wrong with the user's settings."""
    try:
        build_app(assets=Assets()).synth()
    except StageFileError as exc:
        return str(exc)
    return None


if __name__ == "__main__":
    raise SystemExit(main())
