"""What is wrong with a stage is said before AWS is asked to make anything."""

from types import SimpleNamespace

import pytest

from aiwebhook_cli.cloud import account as accounts
from aiwebhook_cli.cloud.options import STAGE_NAME
from infra.stages import Stage
from tests.cloud.conftest import REGION, Cloud, always

pytestmark = pytest.mark.req("O1")
ENGINE_MAJORS = accounts.Account.engine_majors
"""The true one: the fixture has it play along."""


def test_a_database_that_the_region_does_not_sell_is_told_before_anything_is_created(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts.Account, "engine_majors", always(frozenset({16, 17})))
    outcome = cloud("deploy")
    assert outcome.code == 1
    assert (
        "RDS does not offer PostgreSQL 18 on db.t4g.micro in eu-west-1: the newest there is 17."
        in outcome.err
    )
    assert (
        "Choose another Region, database_instance or database_major (stages.toml)." in outcome.err
    )
    assert cloud.calls == []
    assert "PostgreSQL 18 on db.t4g.micro" in cloud("check").out


def test_an_instance_class_that_the_region_does_not_offer_is_told_before_anything_is_created(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts.Account, "engine_majors", always(frozenset[int]()))
    outcome = cloud("deploy")
    assert outcome.code == 1
    assert "RDS does not offer PostgreSQL on db.t4g.micro in eu-west-1." in outcome.err
    assert cloud.calls == []


def test_a_stage_that_exists_is_not_asked_for_its_database_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    monkeypatch.setattr(accounts.Account, "engine_majors", always(frozenset[int]()))
    assert cloud("deploy", "--dry-run").code == 0


def test_the_regions_majors_are_those_that_the_class_can_be_ordered_with(cloud: Cloud) -> None:
    options = [{"EngineVersion": each} for each in ("17.6", "18.1", "18.3")]

    def paginate(**asked: object) -> list[dict[str, list[dict[str, str]]]]:
        assert asked == {"Engine": "postgres", "DBInstanceClass": "db.t4g.micro"}
        return [{"OrderableDBInstanceOptions": options}]

    paginator = SimpleNamespace(paginate=paginate)
    client = SimpleNamespace(get_paginator=always(paginator))
    account = accounts.Account(region=REGION, client=always(client))
    assert ENGINE_MAJORS(account, "t4g.micro") == {17, 18}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[dev]\nmulti_azz = true\n", "stages.toml, line 2: there is no setting 'multi_azz'."),
        ("[dev]\n[dev]\n", "stages.toml, line 2: the stage [dev] is defined twice"),
    ],
)
def test_a_file_of_settings_that_will_not_do_stops_every_command_before_it_begins(
    cloud: Cloud, text: str, sentence: str
) -> None:
    cloud.clone(text)
    for command in (("check",), ("deploy",), ("destroy", "--yes")):
        outcome = cloud(*command)
        assert outcome.code == 1
        assert sentence in outcome.err
    assert cloud.calls == []


@pytest.mark.parametrize("name", ["Dev", "my-stage", "../dev", "", "dev,prod", "dev*", "a" * 21])
def test_a_name_that_no_stage_can_have_is_told_before_aws_is_asked(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("aiwebhook_cli.cloud.commands.open_account", None)
    for command in ("status", "deploy", "destroy", "keys"):
        outcome = cloud(command, "--stage", name)
        assert (outcome.code, "is not a stage's name" in outcome.err) == (2, True), outcome.err
    assert cloud.calls == []


def test_the_command_line_and_the_stages_agree_on_names() -> None:
    assert Stage.model_json_schema()["properties"]["name"]["pattern"] == f"^{STAGE_NAME.pattern}$"
