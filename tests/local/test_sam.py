"""What is made for AWS's SAM CLI: its template, its events, and a running stack's variables."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aiwebhook_local import sam
from aiwebhook_local.deploy import Aws
from aiwebhook_local.home import Home
from aiwebhook_local.sam_variables import OF_AWS, keep_variables
from aiwebhook_local.transform import function_name
from tests.support.function_names import EVERY_FUNCTION

pytestmark = pytest.mark.req("O5")
ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = set(EVERY_FUNCTION)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone as far as SAM's files are made of it."""
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    shutil.copytree(ROOT / "infra/synth/dev", tmp_path / "infra/synth/dev")
    return tmp_path


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / sam.FOLDER / name).read_text("utf-8"))


def test_the_template_has_each_function_as_it_is_deployed(clone: Path) -> None:
    sam.make_files(clone, Home(root=clone / ".local"), host="any")
    made = read(clone, "template.json")["Resources"]
    deployed = json.loads((clone / "infra/synth/dev/service.template.json").read_text("utf-8"))
    functions = {
        function_name(each["Properties"]["Handler"]): each["Properties"]
        for each in deployed["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    }
    for name in FUNCTIONS:
        properties = made["".join(part.capitalize() for part in name.split("_"))]["Properties"]
        assert (clone / sam.FOLDER / properties["CodeUri"] / name / "handler.py").is_file()
        for same in ("Handler", "Runtime", "MemorySize", "Timeout", "Architectures"):
            assert properties[same] == functions[name][same], (name, same)
        variables = set(properties["Environment"]["Variables"])
        assert variables - {*OF_AWS} == set(functions[name]["Environment"]["Variables"])
    paths = [
        event["Properties"]["Path"]
        for each in made.values()
        for event in each["Properties"].get("Events", {}).values()
    ]
    assert sorted(paths) == ["/v1/{proxy+}", "/webhook"]


def test_there_is_an_event_of_each_function_which_only_its_owner_reads(clone: Path) -> None:
    home = Home(root=clone / ".local")
    home.root.mkdir()
    home.api_key_file.write_text("aiw_secret\n")
    sam.make_files(clone, home, host="any")
    paths = {path.stem: path for path in (clone / sam.FOLDER / "events").iterdir()}
    assert paths.keys() == FUNCTIONS
    assert stat.S_IMODE(paths["relay"].stat().st_mode) == 0o600
    assert read(clone, "events/relay.json")["headers"]["Authorization"] == "Bearer aiw_secret"


class PlayedLambda:
    """One function, as the emulator tells of it."""

    def get_function_configuration(self, **named: str) -> dict[str, Any]:
        return {"Environment": {"Variables": {"LOG_LEVEL": named["FunctionName"]}}}


def played(_service: str) -> PlayedLambda:
    return PlayedLambda()


def test_a_running_stack_gives_its_variables_to_containers_under_another_name(clone: Path) -> None:
    home = Home(root=clone / ".local")
    home.root.mkdir()
    url = "http://127.0.0.1:8787"
    aws = SimpleNamespace(url=url, session_token="t", client=played)
    keep_variables(home, cast("Aws", aws), {"session_api": "deployed"})
    assert stat.S_IMODE(home.sam_variables.stat().st_mode) == 0o600
    sam.make_files(clone, home, host="host.docker.internal")
    assert read(clone, "variables.json") == {
        "SessionApi": {
            "LOG_LEVEL": "deployed",
            "AWS_ENDPOINT_URL": "http://host.docker.internal:8787",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "t",
        }
    }


def test_what_is_missing_for_an_invocation_is_one_sentence(clone: Path) -> None:
    home = Home(root=clone / ".local")
    with pytest.raises(sam.NothingToInvoke, match="make up"):
        sam.invoke(clone, home, "relay")
    home.root.mkdir()
    home.sam_variables.write_text('{"relay": {}}')
    with pytest.raises(sam.NothingToInvoke, match="There is no function mistake"):
        sam.invoke(clone, home, "mistake")
    sam.make_files(clone, home, host="any")
    with pytest.raises(sam.NothingToInvoke, match="make sam"):
        sam.invoke(clone, home, "relay")
