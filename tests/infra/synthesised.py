"""Templates of stages that infra/synth does not show."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.app import build_app
from infra.assets import Assets
from infra.stages import Stage
from tests.infra.template import Template


def synthesise(*stages: Stage) -> Mapping[tuple[str, str], Template]:
    """By stage and part, as one app makes them."""
    with tempfile.TemporaryDirectory() as folder:
        stacks = build_app(assets=Assets(named=True), outdir=folder, stages=stages).synth().stacks
        found: dict[tuple[str, str], Template] = {}
        for stack in stacks:
            _, stage, part = stack.stack_name.split("-")
            path = Path(folder) / f"{stack.stack_name}.template.json"
            found[stage, part] = Template(
                stage=stage, part=part, body=json.loads(path.read_text("utf-8"))
            )
        return found
