from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook.domain.egress import EgressRefused, EgressTarget, check_address, parse_target
from tests.support.hostile_addresses import HARMLESS, HARMLESS_URLS, HOSTILE, HOSTILE_URLS


@pytest.mark.req("N3")
@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_address_is_refused_with_a_reason(address: str) -> None:
    assert check_address(address, 443)


@pytest.mark.req("N3")
@pytest.mark.parametrize("address", HARMLESS)
def test_a_public_address_passes(address: str) -> None:
    assert check_address(address, 443) is None


@pytest.mark.req("N3")
@pytest.mark.parametrize("address", [a for a in HOSTILE if a not in {"127.0.0.1", "::1"}])
def test_where_loopback_is_allowed_nothing_else_is(address: str) -> None:
    assert check_address(address, 443, allow_loopback=True)


@pytest.mark.req("N3")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_lambda_runtime_api_is_refused_even_where_loopback_is_allowed(address: str) -> None:
    assert check_address(address, 8080, allow_loopback=True) is None
    assert check_address(address, 9001, allow_loopback=True)


@pytest.mark.req("N3")
@pytest.mark.parametrize("answer", ["", "localhost", "127.1", "1.2.3", "0x7f.0.0.1", "１.1.1.1"])
def test_what_is_no_address_is_refused(answer: str) -> None:
    assert check_address(answer, 443)


@pytest.mark.req("N3")
@pytest.mark.parametrize("url", HOSTILE_URLS)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_a_spelling_that_hides_something_is_refused(url: str, allow_loopback: bool) -> None:
    if allow_loopback and url in {"https://localhost/", "https://127.0.0.1/", "https://[::1]/"}:
        return
    refusal = parse_target(url, allow_loopback=allow_loopback)
    assert isinstance(refusal, EgressRefused)
    assert refusal.reason


@pytest.mark.req("N3")
@pytest.mark.parametrize("url", HARMLESS_URLS)
def test_a_plain_https_url_passes(url: str) -> None:
    target = parse_target(url)
    assert isinstance(target, EgressTarget)
    assert (target.scheme, target.port) == ("https", 443)
    assert target.path.startswith(("/", "/?"))


@pytest.mark.req("N3")
def test_host_and_path_are_taken_as_they_stand() -> None:
    target = parse_target("https://Example.com/Hook?a=%2F#"[:-1])
    assert target == EgressTarget(
        scheme="https",
        host="example.com",
        port=443,
        path="/Hook?a=%2F",
        authority="example.com",
    )


@pytest.mark.req("O5")
@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:8787/hook", "127.0.0.1", 8787),
        ("http://localhost:1/", "localhost", 1),
        ("http://[::1]:8787/", "::1", 8787),
        ("http://127.0.0.1/", "127.0.0.1", 80),
        ("https://127.0.0.1/", "127.0.0.1", 443),
    ],
)
def test_the_local_stack_may_call_loopback(url: str, host: str, port: int) -> None:
    target = parse_target(url, allow_loopback=True)
    assert isinstance(target, EgressTarget)
    assert (target.host, target.port) == (host, port)
    assert isinstance(parse_target(url), EgressRefused)


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9001/", "http://[::1]:9001/", "http://10.0.0.1/"]
)
def test_not_all_of_it(url: str) -> None:
    assert isinstance(parse_target(url, allow_loopback=True), EgressRefused)


@pytest.mark.req("N3")
@settings(max_examples=500)
@given(url=st.text() | st.text().map(lambda text: f"https://{text}"), loopback=st.booleans())
def test_no_text_raises(url: str, loopback: bool) -> None:
    outcome = parse_target(url, allow_loopback=loopback)
    if isinstance(outcome, EgressTarget):
        assert outcome.host.isascii()
        assert outcome.path.isascii()


@pytest.mark.req("N3")
@given(address=st.ip_addresses(v=6))
def test_only_global_unicast_of_ipv6_passes(address: object) -> None:
    if check_address(str(address), 443) is None:
        assert str(address)[0] in "23"
