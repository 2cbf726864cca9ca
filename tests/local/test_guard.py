"""The guard's decisions, as a table."""

import pytest

from aiwebhook_local.guard import guard_refusal, is_emulator_call, own_origins

_HOSTS = own_origins(8787)
_US = {"host": "127.0.0.1:8787"}


@pytest.mark.req("O5")
@pytest.mark.parametrize(
    ("method", "headers", "code"),
    [
        ("GET", _US, None),
        ("POST", {"host": "LOCALHOST:8787"}, None),
        ("POST", _US | {"origin": "http://localhost:8787"}, None),
        ("POST", _US | {"sec-fetch-site": "none"}, None),
        ("GET", {}, "foreign_host"),
        ("GET", {"host": "127.0.0.1"}, "foreign_host"),
        ("GET", {"host": "127.0.0.1:8788"}, "foreign_host"),
        ("GET", {"host": "rebound.example:8787"}, "foreign_host"),
        ("GET", _US | {"origin": "http://rebound.example:8787"}, "foreign_origin"),
        ("GET", _US | {"origin": "http://127.0.0.1:9999"}, "foreign_origin"),
        ("GET", _US | {"origin": "null"}, "foreign_origin"),
        ("GET", _US | {"origin": ""}, "foreign_origin"),
        ("GET", _US | {"sec-fetch-site": "same-site"}, "foreign_origin"),
        ("GET", _US | {"sec-fetch-site": "cross-site"}, "foreign_origin"),
    ],
)
def test_who_is_refused(method: str, headers: dict[str, str], code: str | None) -> None:
    refusal = guard_refusal(method, headers, _HOSTS)

    assert (refusal.code if refusal else None) == code


@pytest.mark.req("O5")
def test_a_link_may_lead_here_but_nothing_else_may_cross_sites() -> None:
    crossing = _US | {"sec-fetch-site": "cross-site"}
    link = crossing | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    frame = crossing | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}

    assert guard_refusal("GET", link, _HOSTS) is None
    assert guard_refusal("GET", frame, _HOSTS) is not None
    assert guard_refusal("POST", link, _HOSTS) is not None


@pytest.mark.req("O5")
def test_only_the_token_opens_the_emulator() -> None:
    assert is_emulator_call({"x-amz-security-token": "token"}, {}, "token")
    assert is_emulator_call({}, {"X-Amz-Security-Token": "token"}, "token")
    assert not is_emulator_call({"x-amz-security-token": "other"}, {}, "token")
    assert not is_emulator_call({"authorization": "AWS4-HMAC-SHA256 x"}, {}, "token")
    assert not is_emulator_call({"x-amz-security-token": "t\xf6ken"}, {}, "token")


@pytest.mark.req("O5")
def test_a_tunnel_may_be_named_and_no_other() -> None:
    tunnelled = own_origins(8787, "https://name.example.com")

    assert guard_refusal("POST", {"host": "name.example.com"}, tunnelled) is None
    assert guard_refusal("POST", {"host": "name.example.com"}, _HOSTS) is not None
    own_page = {"host": "name.example.com", "origin": "https://name.example.com"}
    assert guard_refusal("POST", own_page, tunnelled) is None
    assert (
        guard_refusal("POST", own_page | {"origin": "http://name.example.com"}, tunnelled)
        is not None
    )
    assert guard_refusal("POST", {"host": "other.example.com"}, tunnelled) is not None
