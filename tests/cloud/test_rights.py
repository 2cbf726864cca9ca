"""What `cloud check` and `doctor` say of the rights of the functions' database roles."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.errors import Forbidden
from aiwebhook_cli.cloud.account import Account, open_account
from aiwebhook_cli.cloud.rights import rights_checks
from aiwebhook_cli.profiles import NamedDeployment, save_profile
from tests.cloud.conftest import REGION, Cloud, always
from tests.infra.template import load

pytestmark = pytest.mark.req("O1")
MANY = [f"SELECT ({column}) on endpoints" for column in "abcde"]


def answer(monkeypatch: pytest.MonkeyPatch, said: Any) -> None:
    """Have the deployed function migrate answer so."""

    def invoke(_self: object, function: str, event: object) -> Any:
        assert (function, event) == ("the-migrate", {"compare_rights": True})
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(Account, "function", always("the-migrate"))
    monkeypatch.setattr(Account, "invoke", invoke)


def found(cloud: Cloud) -> list[tuple[bool | None, str, str]]:
    """Said of the stage dev."""
    assert cloud.folder
    checks = rights_checks(open_account(REGION, {}), "dev")
    return [(check.ok, check.found, check.remedy) for check in checks if check.name == "rights"]


def test_of_a_stage_that_is_not_deployed_nothing_is_said(cloud: Cloud) -> None:
    assert found(cloud) == []


def test_right_rights_are_one_line(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.deploy()
    answer(monkeypatch, {"differences": {}})
    ((ok, said, _),) = found(cloud)
    assert (ok, said) == (True, "each function's role has those it needs")


def test_missing_rights_are_wrong_and_surplus_ones_wait_for_the_post_migrations(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    differences = {
        "relay": {"missing": [], "surplus": ["DELETE on sessions"]},
        "notifier": {"missing": MANY, "surplus": []},
    }
    answer(monkeypatch, {"differences": differences})
    missing, surplus = found(cloud)
    assert missing[0] is False
    assert missing[1].endswith(f"notifier {', '.join(MANY[:3])}, 2 more rights")
    assert missing[2] == "aiwebhook cloud migrate --stage dev"
    assert surplus[0] is None
    assert surplus[1].endswith("relay DELETE on sessions")
    assert "cloud migrate --post --stage dev" in surplus[2]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"applied": []}, "the deployed release does not tell"),
        (Forbidden("No lambda:InvokeFunction.", code="aws_denied"), "No lambda:InvokeFunction."),
    ],
)
def test_what_cannot_be_asked_is_not_called_wrong(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, said: Any, sentence: str
) -> None:
    cloud.deploy()
    answer(monkeypatch, said)
    assert [each[:2] for each in found(cloud)] == [(None, sentence)]


def test_the_check_and_doctor_say_the_same(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.deploy()
    answer(monkeypatch, {"differences": {"relay": {"missing": ["a"], "surplus": []}}})
    checks = {each["name"]: each for each in cloud("check", "--json").json["checks"]}
    assert checks["rights"]["ok"] is False

    made = NamedDeployment(name="dev", url="https://a", key="k", region=REGION, stage="dev")
    save_profile(made, {"XDG_CONFIG_HOME": str(cloud.folder / "config")})
    monkeypatch.setattr("aiwebhook_cli.doctor._remote", always(iter(())))
    told = {each["name"]: each for each in cloud.doctor()["checks"]}
    assert told["rights"] == checks["rights"]


def test_a_migration_is_waited_for_and_started_once() -> None:
    """It may take ten minutes; boto3's own settings give up after one, and start it again."""
    config = open_account(REGION, {}).client("lambda").meta.config
    assert config.read_timeout > load("dev", "service").functions()["migrate"]["Timeout"]
    assert config.retries["total_max_attempts"] == 1
