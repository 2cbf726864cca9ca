"""`aiwebhook cloud images` against AWS as moto plays it, with played engines."""

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.agents import load_manifests
from aiwebhook.domain.compute import DEV, Compute
from aiwebhook.domain.run_image import RunImage, image_of
from aiwebhook_cli.cloud import account as accounts
from aiwebhook_cli.cloud.deployed_images import ImageRepository
from aiwebhook_cli.cloud.image_builds import BuildFailed, ImageTag, RemoteBuild, buildspec
from aiwebhook_cli.cloud.image_bundle import context_files, image_version, packed
from aiwebhook_cli.profiles import NamedDeployment, save_profile
from tests.cloud.conftest import REGION, REPOSITORY, ROOT, Cloud, always, aws

pytestmark = pytest.mark.req("O1", "T5")
IMAGES = ("claude_code", "codex", "gemini", "opencode", "python")
PLACE = ImageRepository(uri=REPOSITORY, project="image-build", bucket="artifacts-dev")
OWN = f"registry.example/golang@sha256:{'0a' * 32}"


def push_all(cloud: Cloud, version: str) -> None:
    for name in IMAGES:
        cloud.image(f"{name}-{version}")


def bundle_of(version: str) -> zipfile.ZipFile:
    body = aws("s3").get_object(Bucket="artifacts-dev", Key=f"image-sources/{version}.zip")["Body"]
    return zipfile.ZipFile(io.BytesIO(body.read()))


def test_codebuild_is_given_the_clone_and_builds_what_is_not_there(cloud: Cloud) -> None:
    """moto ends every build well, and pushes nothing: then runs go on with what they have."""
    cloud.deploy()
    cloud.build_project()
    version = image_version(ROOT)
    cloud.image(f"codex-{version}")
    outcome = cloud("images", "--json")
    assert outcome.code == 0, outcome.err
    assert len(outcome.json["built"]) == len(IMAGES) - 1
    assert (outcome.json["version"], outcome.json["used"]) == (version, False)
    assert cloud.version_in_use() == "none"
    with bundle_of(version) as bundle:
        names = set(bundle.namelist())
        spec = json.loads(bundle.read("buildspec.yml"))
    assert names == {*context_files(ROOT), "buildspec.yml"}
    commands = "\n".join(spec["phases"]["build"]["commands"])
    assert f"docker push {REPOSITORY}:claude_code-{version}" in commands
    assert "codex" not in commands
    assert "--platform linux/arm64" in commands
    [build] = aws("codebuild").list_builds()["ids"]
    assert build.startswith("image-build:")


def test_runs_take_a_version_once_all_of_it_is_there_and_nothing_else_changes(cloud: Cloud) -> None:
    cloud.deploy()
    version = image_version(ROOT)
    push_all(cloud, version)
    outcome = cloud("images", "--json")
    assert outcome.json == {"stage": "dev", "version": version, "built": [], "used": True}
    assert cloud.version_in_use() == version
    stacks = aws("cloudformation").describe_stacks(StackName="AiWebhook-dev-service")["Stacks"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stacks[0]["Parameters"]}
    assert given["Other"] == "kept"
    found = cloud("status", "--json").json["items"]
    assert {"what": "image researcher", "state": f"claude_code-{version}"} in found


def test_an_older_version_comes_back_and_one_that_is_not_there_is_refused(cloud: Cloud) -> None:
    cloud.deploy()
    push_all(cloud, "0ld")
    assert cloud("images", "--use", "0ld").code == 0
    assert cloud.version_in_use() == "0ld"
    outcome = cloud("images", "--use", "typo", "--json")
    assert json.loads(outcome.err)["code"] == "image_missing"
    assert cloud.version_in_use() == "0ld"


@pytest.mark.parametrize("engine", ["docker", "podman", "finch"])
def test_an_engine_of_this_machine_builds_and_pushes_the_same(cloud: Cloud, engine: str) -> None:
    cloud.deploy()
    cloud.program(engine)
    outcome = cloud("images", "--engine", engine, "--only", "researcher", "--json")
    assert outcome.code == 0, outcome.err
    login, build, push = cloud.calls
    tag = f"{REPOSITORY}:claude_code-{image_version(ROOT)}"
    host = REPOSITORY.partition("/")[0]
    assert login == f"{engine} login --username AWS --password-stdin {host}"
    assert build.startswith(f"{engine} build --platform linux/arm64 --build-arg AGENT=claude_code")
    assert build.endswith(f"--file runner/Dockerfile --tag {tag} .")
    assert push == f"{engine} push {tag}"


def test_what_an_engine_lacks_is_said_before_anything_runs(cloud: Cloud) -> None:
    cloud.deploy()
    outcome = cloud("images", "--engine", "podman", "--json")
    assert json.loads(outcome.err)["code"] == "no_engine"
    assert cloud.calls == []


def test_an_engine_that_fails_ends_the_command(cloud: Cloud) -> None:
    cloud.deploy()
    cloud.program("docker", fails="build")
    outcome = cloud("images", "--engine", "docker", "--json")
    assert json.loads(outcome.err.splitlines()[-1])["code"] == "command_failed"
    assert not any("push" in call for call in cloud.calls)


def test_a_dry_run_shows_what_would_run_and_touches_nothing(cloud: Cloud) -> None:
    cloud.deploy()
    outcome = cloud("images", "--dry-run")
    assert outcome.code == 0, outcome.err
    assert "aws codebuild start-build --project-name image-build" in outcome.err
    assert "docker build --platform linux/arm64 --build-arg AGENT=codex" in outcome.err
    assert "images would be built" in outcome.out
    assert aws("codebuild").list_builds()["ids"] == []
    assert cloud.version_in_use() == "none"
    shown = cloud("images", "--dry-run", "--json").json
    assert shown["built"] == []
    assert shown["would_build"]


def test_a_stage_that_is_not_deployed_and_an_agent_that_is_none_are_named(cloud: Cloud) -> None:
    assert json.loads(cloud("images", "--json").err)["code"] == "cloud_stage"
    cloud.deploy()
    outcome = cloud("images", "--only", "nobody")
    assert (outcome.code, "There is no agent nobody" in outcome.err) == (1, True)


def test_an_account_that_may_build_nothing_is_told_the_other_way(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    cloud.build_project()
    monkeypatch.setattr(accounts.Account, "builds_at_once", always(0.0))
    assert "--engine docker" in cloud("check").out
    monkeypatch.setattr(
        "moto.codebuild.models.CodeBuildBackend.start_build", refuse_for_the_account
    )
    outcome = cloud("images", "--json")
    problem = json.loads(outcome.err.splitlines()[-1])
    assert problem["code"] == "builds_not_allowed"
    assert "--engine docker" in problem["remedy"]


def refuse_for_the_account(*_given: object, **_named: object) -> None:
    from moto.core.exceptions import JsonRESTError  # noqa: PLC0415 only here

    raise JsonRESTError(
        "AccountLimitExceededException", "Cannot have more than 0 builds in queue for the account"
    )


def test_a_build_is_followed_and_its_last_words_are_shown() -> None:
    """As CodeBuild answers: phases, then the log in pieces, then the reason."""
    client = PlayedBuild(
        states=[
            {"currentPhase": "PROVISIONING", "buildStatus": "IN_PROGRESS"},
            {"currentPhase": "BUILD", "buildStatus": "IN_PROGRESS"},
            {"currentPhase": "COMPLETED", "buildStatus": "FAILED", "phases": [REASON, {}]},
        ],
        lines=[[], ["noise", "aiwebhook: building codex"], ["npm ERR! E404"]],
    )
    shown: list[str] = []
    account = accounts.Account(region=REGION, client=lambda _service: client)
    build = RemoteBuild(
        account=account, repository=PLACE, show=shown.append, pause=client.next_state
    )
    with pytest.raises(BuildFailed, match=r"ended as failed: COMMAND_EXECUTION_ERROR: .* exit 1"):
        build.run("v1", b"zip")
    assert shown == [
        "The build image-build:1 has started; it goes on even if you stop this command.",
        "  provisioning",
        "  build",
        "  building codex",
        "  | noise",
        "  | aiwebhook: building codex",
        "  | npm ERR! E404",
        "  full log: https://console.example/log",
    ]


REASON = {"contexts": [{"message": "COMMAND_EXECUTION_ERROR: docker build … exit 1"}]}


class PlayedBuild:
    """S3, CodeBuild and CloudWatch Logs of one build."""

    class exceptions:  # noqa: N801 - as boto3 calls it
        class AccountLimitExceededException(Exception):
            """Not raised here."""

        class ResourceNotFoundException(Exception):
            """Not raised here."""

    def __init__(self, *, states: list[dict[str, Any]], lines: list[list[str]]) -> None:
        self.states, self.lines, self.at = states, lines, 0

    def next_state(self, _seconds: float) -> None:
        self.at += 1

    def put_object(self, **_named: object) -> None: ...

    def start_build(self, **named: str) -> dict[str, Any]:
        assert named["sourceLocationOverride"] == "artifacts-dev/image-sources/v1.zip"
        return {"build": {"id": "image-build:1"}}

    def batch_get_builds(self, ids: list[str]) -> dict[str, Any]:
        link = "https://console.example/log"
        logs = {"groupName": "g", "streamName": "s", "deepLink": link}
        return {"builds": [{"id": ids[0], "logs": logs, **self.states[self.at]}]}

    def get_log_events(self, **asked: Any) -> dict[str, Any]:
        """A token per piece; the last is given again when there is nothing new."""
        piece = int(asked.get("nextToken", 0))
        there = [line for lines in self.lines[: self.at + 1] for line in lines][piece:]
        events = [{"message": f"{line}\n"} for line in there]
        return {"events": events, "nextForwardToken": str(piece + len(events))}


def test_the_version_changes_with_what_is_built_and_with_nothing_else(tmp_path: Path) -> None:
    for path in context_files(ROOT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    assert image_version(tmp_path) == image_version(ROOT)
    (tmp_path / "runner/image/__pycache__").mkdir()
    (tmp_path / "runner/image/__pycache__/x.pyc").write_bytes(b"x")
    (tmp_path / "README.md").write_text("changed")
    assert image_version(tmp_path) == image_version(ROOT)
    (tmp_path / "runner/Dockerfile").write_text("FROM scratch")
    assert image_version(tmp_path) != image_version(ROOT)
    assert packed(ROOT, {}) == packed(ROOT, {})


def test_a_base_of_ones_own_and_the_larger_size_are_images_beside_ours() -> None:
    own, dev = RunImage(program="codex", base=OWN), RunImage(program="codex", base=DEV)
    assert [own.tag("v1"), dev.tag("v1")] == ["codex-own-0a0a0a0a0a0a-v1", "codex-dev-v1"]
    command = ImageTag(image=own, reference="r:t").build_command("docker")
    assert {f"BASE_IMAGE={OWN}", "SIZE=own", "AGENT=codex"} <= set(command)
    assert "SIZE=dev" in ImageTag(image=dev, reference="r:t").build_command("docker")
    text = buildspec([ImageTag(image=own, reference="r:t")], PLACE)
    assert "REGISTRY=public.ecr.aws/docker/library" in text
    assert Compute(image=OWN).as_json()["image"] == OWN


def test_the_images_of_the_clone_are_one_per_program() -> None:
    manifests = load_manifests(ROOT / "layers/core/python/aiwebhook/agents").values()
    assert {image_of(each).name for each in manifests if each.queue} == set(IMAGES)


def test_the_check_and_doctor_say_which_agents_have_no_image(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    cloud.image("codex-none")
    checks = {each["name"]: each for each in cloud("check", "--json").json["checks"]}
    assert checks["images"]["ok"] is False
    assert checks["images"]["found"] == "none for researcher"
    assert "aiwebhook cloud images" in checks["images"]["remedy"]

    url = "https://api.example/live"
    made = NamedDeployment(name="dev", url=url, key="k", region=REGION, stage="dev")
    save_profile(made, {"XDG_CONFIG_HOME": str(cloud.folder / "config")})
    monkeypatch.setattr("aiwebhook_cli.doctor._remote", always(iter(())))
    found = {each["name"]: each for each in cloud.doctor()["checks"]}
    assert found["images"] == checks["images"]
