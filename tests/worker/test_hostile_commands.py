"""Agent `local` runs as the person whose worker it is; it reaches none of the worker's secrets."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook_runner.process.isolation import reachable_by_others
from tests.support.hostile import (
    LAPTOP_USER,
    PYTHON_PATH,
    SYSTEM_PYTHON,
    hostile,
    needs_open_clone,
    program_of,
    reached,
)
from tests.worker.conftest import Workshop
from tests.worker.fake_deployment import FakeDeployment

pytestmark = [
    pytest.mark.req("T8"),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not reachable_by_others(SYSTEM_PYTHON),
        reason="only root becomes another user, who needs a Python that all may run",
    ),
]

CONFIG = """
[local]
actions = ["shell"]
directories = ["{folder}"]
[[local.allow]]
action = "shell"
pattern = "{python} hostile.py"
"""
PARENT_LEFT_OUT = """
# Its parent is the action's own program: as it is, within the fence and without a secret.
done = {name: how for name, how in done.items() if not name.endswith(f" {os.getppid()}")}
print(json.dumps(done))
"""


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    with tempfile.TemporaryDirectory() as name, FakeDeployment() as fake:
        os.chown(name, LAPTOP_USER, LAPTOP_USER)
        workshop = Workshop(fake, Path(name))
        yield workshop
        workshop.close()


@needs_open_clone
def test_a_command_of_local_reaches_files_of_its_user_and_no_other_process(
    workshop: Workshop,
) -> None:
    folder = workshop.folder
    config = folder / "worker.toml"
    config.write_text(CONFIG.format(folder=folder, python=SYSTEM_PYTHON))
    with program_of(LAPTOP_USER, SECRET="in the shell") as other:
        source = hostile(folder, other=other, owner=LAPTOP_USER)
        (folder / "hostile.py").write_text(source + PARENT_LEFT_OUT)
        workshop.worker(
            *("--agents", "local", "--config", str(config)),
            python=str(SYSTEM_PYTHON),
            user=LAPTOP_USER,
            PYTHONPATH=PYTHON_PATH,
            ANTHROPIC_API_KEY="sk-of-the-person",
        )
        command = {"command": f"{SYSTEM_PYTHON} hostile.py", "working_dir": str(folder)}
        given = {"action_type": "shell", "params": command}
        task = workshop.fake.add(built_in_manifests()["local"].as_json(), input=given)
        workshop.fake.wait_for(lambda: bool(task.results))

    got = reached(json.loads(task.results[0]["output"]["stdout"]))
    # A person's own command may signal the person's own programs.
    assert got == {"given": "the stack's", f"signal to {other}": "sent"}
