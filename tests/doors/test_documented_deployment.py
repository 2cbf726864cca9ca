"""The commands of docs/deploy.md by the real CDK CLI, up to the first call of AWS."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BY_HAND = re.compile(r"## The same by hand\n\n```sh\n(.*?)```", re.DOTALL)


@pytest.mark.doors
@pytest.mark.req("O1")
def test_the_commands_by_hand_reach_the_account(tmp_path: Path) -> None:
    """What was left out would stop them before the CDK asks whose account it is."""
    (block,) = BY_HAND.findall((ROOT / "docs" / "deploy.md").read_text("utf-8"))
    prepare, _bootstrap, deploy = [line.partition("  #")[0].strip() for line in block.splitlines()]
    assert prepare.startswith("make ")
    own = dict(os.environ)  # noqa: TID251 of programs that are started
    without = {name: value for name, value in own.items() if not name.startswith("AWS_")}
    nowhere = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
        "npm_config_cache": str(tmp_path / "npm"),
        "npm_config_yes": "true",
    }
    subprocess.run(["sh", "-ec", prepare], cwd=ROOT, check=True, env=without)
    ended = subprocess.run(
        ["sh", "-ec", f"{deploy} --output {tmp_path / 'cdk.out'}"],
        cwd=ROOT,
        env=without | nowhere,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1, said
    assert "Synthesis time" in said
    assert "Unable to resolve AWS account" in said
    templates = {path.name for path in (tmp_path / "cdk.out").glob("AiWebhook-dev-*.template.json")}
    assert len(templates) == 4
