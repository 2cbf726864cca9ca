"""A manifest that the synthesised templates do not know yet."""

from pathlib import Path

import pytest

from aiwebhook_local.deploy import DeployFailed, local_templates, require_queues
from aiwebhook_local.home import Project
from aiwebhook_local.stack import SOURCE_ROOT
from aiwebhook_local.transform import LocalNames

pytestmark = pytest.mark.req("T5")


def test_an_agent_without_a_queue_is_told_before_its_tasks_wait_for_ever(tmp_path: Path) -> None:
    templates = local_templates(
        Project(root=SOURCE_ROOT),
        LocalNames(url="http://127.0.0.1:1", public_url="https://x.example"),
    )
    project = Project(root=tmp_path)
    project.manifests.mkdir(parents=True)
    for name in ("claude_code", "local"):
        text = (Project(root=SOURCE_ROOT).manifests / f"{name}.toml").read_text()
        (project.manifests / f"{name}.toml").write_text(text)
    require_queues(project, templates)

    (project.manifests / "reviewer.toml").write_text('name = "reviewer"\nkind = "template"\n')
    with pytest.raises(DeployFailed, match=r"Agent reviewer has no queue .* 'make synth'"):
        require_queues(project, templates)
