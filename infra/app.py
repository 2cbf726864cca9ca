"""The CDK app. cdk.json starts it in the environment that `make .venv/.infra` makes:
`npx aws-cdk@2.1148.1 deploy 'AiWebhook-dev-*'`.
"""

from __future__ import annotations

import json

from aws_cdk import App, DefaultStackSynthesizer

from infra import ROOT
from infra.agents import queued_agents
from infra.assets import Assets
from infra.stacks.data import DataStack
from infra.stacks.door import DoorStack
from infra.stacks.network import NetworkStack
from infra.stacks.service import ServiceStack
from infra.stages import STAGES


def build_app(*, assets: Assets, outdir: str | None = None) -> App:
    """All stages as stacks AiWebhook-<stage>-<network|data|door|service>, in order of deployment.

    The context of cdk.json is read here too, so that the result is the same without the CDK CLI.
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
    for stage in STAGES:
        prefix = f"AiWebhook-{stage.name}"
        network = NetworkStack(app, f"{prefix}-network", stage=stage)
        data = DataStack(app, f"{prefix}-data", stage=stage, network=network)
        door = DoorStack(app, f"{prefix}-door", stage=stage)
        ServiceStack(
            app,
            f"{prefix}-service",
            stage=stage,
            assets=assets,
            agents=agents,
            network=network,
            data=data,
            door=door,
        )
    return app


if __name__ == "__main__":
    build_app(assets=Assets()).synth()
