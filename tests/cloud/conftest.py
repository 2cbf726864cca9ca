"""AWS as moto plays it, and the programs of a deployment as scripts that write down their words."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from aiwebhook.domain.provider import AGENT_SECRETS
from aiwebhook_cli.cloud import health, options
from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.main import run_command_line
from tests.cli.conftest import Outcome

REGION = "eu-west-1"
REPOSITORY = "1.dkr.ecr.eu-west-1.amazonaws.com/images"
AGENT_IMAGES = {"codex": "codex", "researcher": "claude_code"}
"""What the stack that is played runs; the clone has more agents."""
ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """#!/bin/sh
echo "{name} $*" >> "{log}"
case "$*" in *--version*) echo {version} ;; *{fails}*) exit 3 ;; esac
"""


def aws(service: str) -> Any:
    """A client of the account that moto plays; untyped, as boto3 is."""
    return cast("Any", boto3).client(service, REGION)


def always(answer: Any) -> Callable[..., Any]:
    """A method that gives this answer, whatever it is asked."""

    def method(*_given: object) -> Any:
        return answer

    return method


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Runs `aiwebhook cloud …` in the clone, on an account that begins empty."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str) -> Outcome:
        self.capsys.readouterr()
        code = run_command_line(("cloud", *arguments))
        out, err = self.capsys.readouterr()
        return Outcome(code=code, out=out, err=err)

    def doctor(self) -> dict[str, Any]:
        """What `aiwebhook doctor` finds of the profile dev."""
        self.capsys.readouterr()
        run_command_line(("--profile", "dev", "--json", "doctor"))
        return json.loads(self.capsys.readouterr().out)

    def clone(self, settings: str | None = None) -> Path:
        """Run from a clone whose stages.toml may be written; this one's is the developer's own."""
        clone = self.folder / "clone"
        clone.mkdir()
        for name in ("layers", ".venv", "pyproject.toml", "cdk.json"):
            (clone / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "infra", clone / "infra", ignore=shutil.ignore_patterns("synth"))
        if settings is not None:
            (clone / "stages.toml").write_text(settings, "utf-8")
        self.monkeypatch.chdir(clone)
        return clone

    def program(self, name: str, *, version: str = "v22.3.0", fails: str = "no-such-word") -> None:
        """Put a program on the PATH that ends with 3 when its arguments hold the word `fails`."""
        path = self.folder / "bin" / name
        path.write_text(
            _PROGRAM.format(name=name, log=self.folder / "calls", version=version, fails=fails)
        )
        path.chmod(0o755)

    def hide_system_programs(self) -> None:
        """Leave only what `program` has put there on the PATH."""
        self.monkeypatch.setenv("PATH", str(self.folder / "bin"))

    @property
    def calls(self) -> list[str]:
        """What the programs were asked to do, one line each; not which version they are."""
        log = self.folder / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if not line.endswith("--version")]

    def bootstrap(self, version: int = 30) -> None:
        """Have the account bootstrapped."""
        aws("ssm").put_parameter(
            Name="/cdk-bootstrap/hnb659fds/version", Value=str(version), Type="String"
        )
        aws("s3").create_bucket(
            Bucket=f"cdk-hnb659fds-assets-123456789012-{REGION}",
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )

    def deploy(self, stage: str = "dev", *, protected: bool = False) -> None:
        """Make stacks with what the commands look for: outputs, secrets, images, objects."""
        client = aws("secretsmanager")
        arns = {
            name: client.create_secret(Name=f"{stage}-{name}", SecretString="-")["ARN"]
            for name in AGENT_SECRETS
        }
        outputs = {
            "ApiUrl": "https://rest.example/live",
            "PublicUrl": "https://api.example",
            "AgentSecrets": json.dumps(arns),
            "AgentQueues": json.dumps(dict.fromkeys(AGENT_IMAGES, "u")),
            "AgentImages": json.dumps(AGENT_IMAGES),
            "ArtifactBucketName": f"artifacts-{stage}",
        }
        data = {
            "RunnerRepositoryUri": REPOSITORY,
            "ImageBuildProject": "image-build",
            "ArtifactBucketName": f"artifacts-{stage}",
        }
        self.stack(f"AiWebhook-{stage}-service", outputs)
        self.stack(f"AiWebhook-{stage}-data", data, protected=protected)
        aws("ecr").create_repository(repositoryName="images", imageTagMutability="IMMUTABLE")

    def build_project(self) -> None:
        """What the data stack has for building: the bucket and CodeBuild's project."""
        place = {"LocationConstraint": REGION}
        aws("s3").create_bucket(Bucket="artifacts-dev", CreateBucketConfiguration=place)
        aws("codebuild").create_project(
            name="image-build",
            source={"type": "S3", "location": "artifacts-dev/image-sources/none.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "ARM_CONTAINER",
                "image": "i",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole="arn:aws:iam::123456789012:role/build",
        )

    def version_in_use(self, stage: str = "dev") -> str:
        """Which images runs take."""
        stacks = aws("cloudformation").describe_stacks(StackName=f"AiWebhook-{stage}-service")
        given = stacks["Stacks"][0]["Parameters"]
        return {each["ParameterKey"]: each["ParameterValue"] for each in given}["RunnerImageTag"]

    def image(self, tag: str) -> None:
        """Push an image."""
        manifest = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "tag": tag}
        aws("ecr").put_image(
            repositoryName="images", imageTag=tag, imageManifest=json.dumps(manifest)
        )

    def secret_values(self) -> dict[str, str]:
        """Of the agents' secrets, by their names."""
        stacks = aws("cloudformation").describe_stacks(StackName="AiWebhook-dev-service")["Stacks"]
        said = {o["OutputKey"]: o["OutputValue"] for o in stacks[0]["Outputs"]}
        client = aws("secretsmanager")
        return {
            name: client.get_secret_value(SecretId=arn)["SecretString"]
            for name, arn in json.loads(said["AgentSecrets"]).items()
        }

    @staticmethod
    def stack(name: str, outputs: dict[str, str], *, protected: bool = False) -> None:
        """Make one with these outputs."""
        template: dict[str, Any] = {
            "Parameters": {name: {"Type": "String"} for name in ("RunnerImageTag", "Other")},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}},
            **(
                {"Outputs": {key: {"Value": value} for key, value in outputs.items()}}
                if outputs
                else {}
            ),
        }
        given = {"RunnerImageTag": "none", "Other": "kept"}
        aws("cloudformation").create_stack(
            StackName=name,
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
            EnableTerminationProtection=protected,
            Tags=[{"Key": "aiwebhook:stage", "Value": name.split("-")[1]}],
        )


@pytest.fixture
def cloud(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    quick_moto: None,
) -> Iterator[Cloud]:
    """An empty account, with credentials, from the clone; npx, node and make play along."""
    (tmp_path / "bin").mkdir()
    for name in ("AWS_PROFILE", "AIWEBHOOK_URL", "AIWEBHOOK_API_KEY", "AIWEBHOOK_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.chdir(ROOT / "docs")
    cloud = Cloud(folder=tmp_path, capsys=capsys, monkeypatch=monkeypatch)
    for name in ("node", "npx", "make"):
        cloud.program(name)
    # moto plays none of these.
    monkeypatch.setattr(Account, "quota", always(1000.0))
    monkeypatch.setattr(Account, "engine_majors", always(frozenset({17, 18})))
    monkeypatch.setattr(Account, "builds_at_once", always(1.0))
    monkeypatch.setattr(health, "api_health", always("ready"))
    monkeypatch.setattr(options, "on_terminal", always(True))
    with mock_aws():
        yield cloud
