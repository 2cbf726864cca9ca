"""A real CLI on a worker, in front of the scripted provider; skipped where no CLI is installed."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from aiwebhook.agents import built_in_manifests
from tests.adapters.binaries import binaries
from tests.worker.conftest import PYTHONPATH, Workshop

PROVIDER_KEY = "sk-any-provider-key"


@pytest.fixture
def provider() -> Iterator[str]:
    """Plays the model; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "aiwebhook_local.scripted", "--port", "0"],
        env={"PYTHONPATH": PYTHONPATH},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.mark.agents
@pytest.mark.req("T5", "T8")
def test_claude_code_works_on_a_worker_with_the_workers_key(
    workshop: Workshop, provider: str
) -> None:
    manifest = built_in_manifests()["claude_code"].as_json()
    task = workshop.fake.add(manifest, description="[[scenario:tool]] Write hello.txt.")
    worker = workshop.worker(
        *("--agents", "claude_code"),
        PATH=binaries(),
        ANTHROPIC_API_KEY=PROVIDER_KEY,
        AIWEBHOOK_UPSTREAM_ANTHROPIC=provider,
    )
    workshop.fake.wait_for(lambda: bool(task.results), timeout=60)
    worker.wait_for("ended")

    (result,) = task.results
    assert result["action"] == "complete", result
    assert result["output"]["files_changed"] == [{"path": "hello.txt", "change": "created"}]
    assert result["usage"]["input_tokens"] == 3_000
    assert PROVIDER_KEY not in json.dumps([result, task.events, worker.lines])
    assert list((workshop.folder / "runs").iterdir()) == []
