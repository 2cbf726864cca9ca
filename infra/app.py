"""The CDK app: `npx aws-cdk@2.1148.1 deploy 'AiWebhook-dev-*'` runs this file through cdk.json."""

from __future__ import annotations

import json

from infra.node import use_packaged_node

use_packaged_node()

from aws_cdk import App, DefaultStackSynthesizer  # noqa: E402  (Node must be chosen before aws_cdk starts it)

from infra.agents import queued_agents  # noqa: E402
from infra.assets import ROOT, Assets  # noqa: E402
from infra.stacks.data import DataStack  # noqa: E402
from infra.stacks.network import NetworkStack  # noqa: E402
from infra.stacks.service import ServiceStack  # noqa: E402
from infra.stages import STAGES  # noqa: E402


def build_app(*, assets: Assets, outdir: str | None = None) -> App:
    """All stages as stacks AiWebhook-<stage>-<network|data|service>, in the order of deployment.

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
        ServiceStack(
            app,
            f"{prefix}-service",
            stage=stage,
            assets=assets,
            agents=agents,
            network=network,
            data=data,
        )
    return app


if __name__ == "__main__":
    build_app(assets=Assets()).synth()
