"""Stages: what the user's file may say, and what is refused in one sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from infra.stage_file import (
    StageFileError,
    add_settings,
    choose_stages,
    description,
    main,
    read_stages,
)
from infra.stage_table import DOCUMENT, with_table
from infra.stages import DEV, PROD, STAGES, Egress, Stage
from tests.infra.template import ROOT, every_template

pytestmark = pytest.mark.req("O1")
StageFile = Callable[[str], tuple[Stage, ...]]


@pytest.fixture
def stages(tmp_path: Path) -> StageFile:
    def read(text: str) -> tuple[Stage, ...]:
        path = tmp_path / "stages.toml"
        path.write_text(text, "utf-8")
        return read_stages(path)

    return read


def test_no_stage_may_grow_beyond_what_rds_stores() -> None:
    """65,536 GiB (RDS guide, storage types); the template would be refused while it is deployed."""
    for gib, most in ((20, 100), (13_107, 65_535), (16_384, 65_536)):
        stage = Stage.model_validate(DEV.model_dump() | {"database_storage_gib": gib})
        assert stage.most_storage_gib == most
    with pytest.raises(ValueError, match="16384"):
        Stage.model_validate(DEV.model_dump() | {"database_storage_gib": 16_385})


def test_without_a_file_there_are_dev_and_prod(tmp_path: Path) -> None:
    assert read_stages(tmp_path / "stages.toml") == (DEV, PROD)


def test_the_file_changes_a_stage_and_adds_one(stages: StageFile) -> None:
    dev, prod, acceptance = stages(
        '[dev]\negress = "nat_gateway"\n\n[acceptance]\nlike = "prod"\nmulti_az = false\n'
    )
    assert dev == DEV.model_copy(update={"egress": Egress.NAT_GATEWAY})
    assert prod == PROD
    assert acceptance == PROD.model_copy(update={"name": "acceptance", "multi_az": False})


def test_a_table_within_a_stage_changes_what_it_names_and_leaves_the_rest(
    stages: StageFile,
) -> None:
    text = "[dev.connections]\nrelay = 20\n\n[dev.agents.codex]\nspot = true\n"
    dev, prod = stages(text)
    assert dev.connection_limits == DEV.connection_limits | {"relay": 20}
    assert {name: each.spot for name, each in dev.agents.items()} == {"codex": True}
    assert prod == PROD


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[dev]\nmulti_az = true\n# more\ndatbase_instance = 't4g.small'\n",
            "stages.toml, line 4: there is no setting 'datbase_instance'. Did you mean 'database_i",
        ),
        ("[dev]\nzzz = 1\n", "stages.toml, line 2: there is no setting 'zzz'. docs/deploy.md"),
        ("multi_az = true\n", "stages.toml, line 1: multi_az comes before the first [stage]."),
        ("[dev]\n\n[dev]\n", "stages.toml, line 3: the stage [dev] is defined twice"),
        ("[dev]\nlog_days = 31\n", "stages.toml, line 2: log_days: Input should be 1, 3"),
        ("[dev]\nbackup_days = 0\n", "greater than or equal to 1, got 0."),
        ("[dev]\negress = 'nat'\n", "line 2: egress: Input should be 'nat_instance'"),
        ("[dev\n", "stages.toml: this is not TOML"),
        (
            "[dev]\nlog_days = 7\nlog_days = 30\n",
            "stages.toml, line 3: log_days is set twice: remove one.",
        ),
        (
            "[dev.agents.codex]\nspot = true\n[dev.agents.codex]\n",
            "stages.toml, line 3: the table [dev.agents.codex] is defined twice: merge the two.",
        ),
        ("[My-Stage]\n", "stages.toml, line 1: 'My-Stage' is not a stage's name: a to z"),
        (
            "[a]\nlike = 'b'\n[b]\n",
            "line 2: there is no stage 'b' above it: choose one of dev, prod.",
        ),
        ("[a]\nname = 'b'\n", "line 2: a stage is named by its table: remove this."),
        (
            "[dev]\n[dev.connections]\nrelay = 60\n",
            "connections and callback_concurrency add up to 114 connections, but a t4g.micro takes",
        ),
        (
            "[dev]\nmax_waits = 22\n",
            "line 1: max_waits (22) would take every connection of relay: set connections.relay",
        ),
        (
            "[dev.connections]\nreley = 60\n",
            "line 2: there is no setting 'reley'. Did you mean 'relay'? docs/deploy.md lists them.",
        ),
        ("[dev.connections]\nrelay = 1\n", "line 2: connections.relay: Input should be greater"),
        ("[dev]\nsnap_start = ['reaper']\n", "line 2: snap_start.0: Input should be 'relay' or"),
        (
            "[dev.agents.reseacher]\nspot = true\n",
            "line 1: there is no agent 'reseacher' with a queue: choose one of claude_code,",
        ),
        ("[dev.agents.codex]\nspto = true\n", "there is no setting 'spto'. Did you mean 'spot'?"),
        ("[dev.agents.codex]\nspot = 2\n", "line 2: agents.codex.spot: Input should be a valid"),
        ("[[dev]]\nmulti_az = true\n", "line 1: [[dev]] is a list: write [dev], once."),
        ("[dev]\nlike = ['prod']\n", "line 2: there is no stage ['prod'] above it"),
        ("[dev]\nagents = 3\n", "line 2: agents: this must be a table, got 3."),
        (
            "[dev]\nallowed_cidrs = '::/0'\n",
            'allowed_cidrs: this must be a list, such as ["…"], got',
        ),
        (
            "[dev]\ndatabase_instance = 'db.t4g.micro'\n",
            "database_instance: the form is invalid (RDS's instance class, without `db.`)",
        ),
        (f"[dev]\nlog_days = {'9' * 5000}\n", "stages.toml: this is not TOML: Exceeds the limit"),
        (f"[dev]\nx = {'[' * 5000}\n", "stages.toml: this is not TOML"),
    ],
)
def test_what_will_not_do_is_one_sentence_with_the_line(
    stages: StageFile, text: str, sentence: str
) -> None:
    with pytest.raises(StageFileError) as caught:
        stages(text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "stages.toml"
    for make, sentence in (
        (path.mkdir, "stages.toml cannot be read: Is a directory."),
        (lambda: path.symlink_to("nowhere"), "cannot be read: No such file or directory."),
        (lambda: path.write_bytes(b"[dev]\n# \xff\n"), "stages.toml, line 2: this is not UTF-8."),
    ):
        make()
        with pytest.raises(StageFileError) as caught:
            read_stages(path)
        assert sentence in str(caught.value)
        path.rmdir() if path.is_dir() else path.unlink()
    path.write_bytes(b"\xef\xbb\xbf[dev]\nmulti_az = true\n")
    assert read_stages(path)[0].multi_az is True


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, '[dev]\ndatabase_snapshot = "then"\n'),
        ("# mine\n[dev] # here\nlog_days = 7", "# mine\n[dev] # here\n+log_days = 7"),
        ("[dev]", "[dev]\n+"),
        (
            "[prod]\nlog_days = 7\n[dev.connections]\nrelay = 20\n",
            "[prod]\nlog_days = 7\n[dev.connections]\nrelay = 20\n\n[dev]\n+",
        ),
    ],
)
def test_a_setting_is_added_and_the_rest_of_the_file_stays(
    tmp_path: Path, before: str | None, after: str
) -> None:
    path = tmp_path / "stages.toml"
    if before is not None:
        path.write_text(before, "utf-8")
    add_settings(path, "dev", {"database_snapshot": "then"})
    assert path.read_text("utf-8") == after.replace("+", 'database_snapshot = "then"\n')
    assert read_stages(path)[0].database_snapshot == "then"
    assert [each.name for each in tmp_path.iterdir()] == ["stages.toml"]


@pytest.mark.parametrize("text", ["[dev]\ndatabase_snapshot = 'old'\n", "dev.multi_az = true\n"])
def test_where_a_setting_cannot_be_added_the_file_stays_and_the_line_is_said(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "stages.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(StageFileError, match=r'yourself: database_snapshot = "then"$'):
        add_settings(path, "dev", {"database_snapshot": "then"})
    assert path.read_text("utf-8") == text


def test_one_stage_is_described_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev,prod"]) == 2
    assert capsys.readouterr().err == "One stage at a time: 'dev,prod' are several.\n"


def test_a_stage_is_chosen_by_name_and_once() -> None:
    assert choose_stages("prod", STAGES) == (PROD,)
    assert choose_stages("prod, dev", STAGES) == (PROD, DEV)
    with pytest.raises(StageFileError, match="no stage 'staging': choose one of dev, prod"):
        choose_stages("staging", STAGES)
    with pytest.raises(StageFileError, match="'dev' is named twice"):
        choose_stages("dev,dev", STAGES)


def test_the_description_of_a_stage_has_its_costs() -> None:
    said = description(PROD)
    assert said["database_major"] == 18
    assert sum(item["dollars"] for item in said["idle_costs"]) > 0


@pytest.mark.slow
@pytest.mark.synth
def test_the_app_says_in_one_sentence_what_stage_there_is_not() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env={"CDK_CONTEXT_JSON": '{"stage": "staging"}', "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("There is no stage 'staging'")


def test_the_table_of_settings_in_the_documentation_is_the_models() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text == with_table(text), "run 'make docs' and commit"
    for name in Stage.model_fields.keys() - {"name", "connections", "agents"}:
        assert f"| `{name}`" in text
    for name in ("connections.relay", "agents.<name>.spot"):
        assert f"| `{name}`" in text


def test_everything_that_is_tagged_names_stage_and_version() -> None:
    tagged = 0
    for template in every_template():
        for logical_id, resource in template.resources.items():
            tags = resource.get("Properties", {}).get("Tags")
            if isinstance(tags, list):
                tagged += 1
                by_key = {tag["Key"]: tag["Value"] for tag in cast("list[dict[str, str]]", tags)}
                assert by_key["aiwebhook:stage"] == template.stage, logical_id
                assert by_key["aiwebhook:version"], logical_id
    assert tagged > 50
