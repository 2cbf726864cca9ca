"""Which deployment the command line speaks to: the first that is named, and its key."""

import io
from pathlib import Path

import pytest

from aiwebhook.errors import AiWebhookError, ConfigurationError
from aiwebhook_cli.profiles import NamedDeployment, folder, read_profiles, save_profile
from aiwebhook_cli.target import Globals, Target, find_target
from tests.cli.conftest import CommandLine

WORK = NamedDeployment(
    name="work", url="https://work", key="of-work", region="eu-west-1", stage="dev"
)
HOME = NamedDeployment(name="home", url="https://home", key="of-home")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Two profiles, `work` the default, and a local stack that runs."""
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "AIWEBHOOK_HOME": str(tmp_path / "stack")}
    save_profile(WORK, environ)
    save_profile(HOME, environ)
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "stack.json").write_text('{"url": "http://stack"}')
    (tmp_path / "stack" / "api_key").write_text("of-stack")
    return environ


def found(environ: dict[str, str], **changes: str) -> Target:
    """The target of a command with these options and variables."""
    variables = {name: value for name, value in changes.items() if name.isupper()}
    given = Globals(
        url=changes.get("url"),
        key=changes.get("key"),
        profile=changes.get("profile"),
        environ={**environ, **variables},
    )
    return find_target(given)


@pytest.mark.req("S8")
@pytest.mark.parametrize(
    ("changes", "address", "key"),
    [
        ({"url": "https://u", "key": "k", "profile": "home"}, "https://u", "k"),
        ({"profile": "home", "AIWEBHOOK_URL": "https://e"}, "https://home", "of-home"),
        (
            {"AIWEBHOOK_URL": "https://e", "AIWEBHOOK_API_KEY": "e", "AIWEBHOOK_PROFILE": "home"},
            "https://e",
            "e",
        ),
        ({"AIWEBHOOK_PROFILE": "home"}, "https://home", "of-home"),
        ({}, "http://stack", "of-stack"),
        ({"AIWEBHOOK_HOME": "/nowhere"}, "https://work", "of-work"),
        # A key given without an address goes to whichever applies, the most explicit first.
        ({"key": "k"}, "http://stack", "k"),
        ({"key": "k", "AIWEBHOOK_API_KEY": "e", "profile": "home"}, "https://home", "k"),
        ({"AIWEBHOOK_API_KEY": "e"}, "http://stack", "e"),
        ({"url": "https://u", "AIWEBHOOK_API_KEY": "e"}, "https://u", "e"),
        # A key given with an address goes nowhere else.
        ({"url": "https://u"}, "https://u", None),
        (
            {"url": "https://u", "AIWEBHOOK_URL": "https://e", "AIWEBHOOK_API_KEY": "e"},
            "https://u",
            None,
        ),
        ({"AIWEBHOOK_URL": "https://e"}, "https://e", None),
        ({"AIWEBHOOK_URL": "http://stack"}, "http://stack", "of-stack"),
        ({"url": "https://work"}, "https://work", "of-work"),
    ],
)
def test_address_and_key_come_from_one_place(
    environ: dict[str, str], changes: dict[str, str], address: str, key: str | None
) -> None:
    target = found(environ, **changes)
    assert (target.url, target.key) == (address, key)


@pytest.mark.req("S8")
def test_an_error_names_the_place(
    cli: CommandLine, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIWEBHOOK_API_KEY")
    without = cli("session", "list")
    assert (without.code, "(from AIWEBHOOK_URL)" in without.err) == (1, True)

    wrong = NamedDeployment(name="work", url=cli.url, key="aiw_wrong")
    save_profile(wrong, {"XDG_CONFIG_HOME": str(nowhere / "config")})
    refused = cli("session", "list", "--profile", "work")
    assert (refused.code, "came from --profile work" in refused.err) == (1, True)
    assert "'aiwebhook profile list'" in cli("session", "list", "--profile", "nobody").err


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What standard input gives."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.req("S8")
def test_profiles_are_kept_for_oneself_only(environ: dict[str, str]) -> None:
    path = folder(environ) / "profiles.ini"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "of-work" not in repr(read_profiles(environ))
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read it") as caught:
        read_profiles(environ)
    assert caught.value.remedy == f"chmod 600 {path}"


@pytest.mark.req("S8")
@pytest.mark.parametrize("text", ["url = x", "[a]\nkey = k", "[a]\n[a]\n", "\x00[", "[aiwebhook"])
def test_a_damaged_file_is_one_sentence(environ: dict[str, str], text: str) -> None:
    (folder(environ) / "profiles.ini").write_text(text)
    with pytest.raises(AiWebhookError) as caught:
        find_target(Globals(environ=environ, profile="a"))
    assert caught.value.code in ("profile_damaged", "profile_unknown")
    assert "\n" not in caught.value.detail


@pytest.mark.req("S8")
def test_a_key_from_a_file_is_taken_without_its_byte_order_mark(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, f"\ufeff{cli.driver.key}\n")
    assert cli("profile", "add", "work", cli.url).code == 0
    for name in ("AIWEBHOOK_URL", "AIWEBHOOK_API_KEY"):
        monkeypatch.delenv(name)
    assert cli("session", "list", "--profile=work").code == 0


@pytest.mark.req("S8")
def test_profiles_by_command(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, f"{cli.driver.key}\nk\nk\n")
    added = cli("profile", "add", "work", cli.url)
    assert (added.code, cli.driver.key in added.out) == (0, False)
    cli("profile", "add", "other", "https://other")
    for name in ("AIWEBHOOK_URL", "AIWEBHOOK_API_KEY"):
        monkeypatch.delenv(name)

    assert cli("session", "list").code == 0
    assert [row["name"] for row in cli("profile", "list", "--json").json["items"]] == [
        "work",
        "other",
    ]
    cli("profile", "use", "other")
    assert cli("session", "list", "--profile=work").code == 0
    cli("profile", "remove", "other")
    assert cli("session", "list").code == 1
    assert cli("profile", "add", "No!", cli.url).code == 1
