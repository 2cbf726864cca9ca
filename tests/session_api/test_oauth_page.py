"""The consent page: who sees it, what it says, and who may send it."""

from __future__ import annotations

import pytest

from aiwebhook.clock import utc_now
from aiwebhook.domain.consent import LIFETIME
from aiwebhook.usecases.oauth_services import network_of
from tests.support.oauth import CLIENT_URL, Connecting, document
from tests.support.session_api import PUBLIC_URL, ApiDriver

pytestmark = pytest.mark.req("O7")
JSON = {"Content-Type": "application/json"}


def test_the_page_cannot_be_framed_runs_nothing_and_loads_nothing(connecting: Connecting) -> None:
    page = connecting.ask()
    policy = page.reply.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert page.reply.headers["X-Frame-Options"] == "DENY"
    assert page.reply.headers["Cache-Control"] == "no-store"
    for foreign in ("<script", " src=", "@import", "url("):
        assert foreign not in page.reply.text


def test_the_page_says_who_asks_and_what_for(connecting: Connecting) -> None:
    text = connecting.ask().reply.text
    assert "Chat wants to use" in text
    assert "<strong>chat.example.org</strong>" in text
    assert "nobody has verified" not in text
    connecting.driver.outside.documents[CLIENT_URL] = document(
        client_name='<script>x</script>"\u202e'
    )
    text = connecting.ask(state='"><script>').reply.text
    assert "<script" not in text
    assert "\u202e" not in text


def test_a_form_that_another_site_made_is_refused(connecting: Connecting) -> None:
    """Without the browser's cookie, or with that of another page: nothing is looked at."""
    page = connecting.ask()
    forged = connecting.decide(page, cookie="")
    assert (forged.reply.status, forged.sent_to) == (403, "")
    other = connecting.ask()
    assert connecting.decide(page, cookie=other.cookie).reply.status == 403
    twice = f"{page.cookie}; {other.cookie}"
    assert connecting.decide(page, cookie=twice).reply.status == 403
    assert connecting.decide(page, token="").reply.status == 403
    assert connecting.decide(page, token="1.").reply.status == 403
    # The same page, with its own cookie, in another tab of the same browser.
    assert connecting.decide(page).reply.status == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/cb"},
        {"client_name": "Bank"},
        {"client_id": "https://evil.example/c.json"},
        {"scope": "commands read admin"},
        {"resource": "https://evil.example/mcp"},
        {"code_challenge": "x" * 43},
        {"state": "other"},
    ],
)
def test_a_form_that_was_changed_is_refused(
    connecting: Connecting, changed: dict[str, str]
) -> None:
    page = connecting.ask()
    assert connecting.decide(page, **changed).reply.status == 403


def test_a_form_lasts_a_quarter_of_an_hour(connecting: Connecting) -> None:
    page = connecting.ask()
    late = utc_now() + LIFETIME
    connecting.driver.at(late)
    assert connecting.decide(page).reply.status == 403


def test_a_no_is_a_no(connecting: Connecting) -> None:
    left = connecting.decide(connecting.ask(), decision="deny")
    assert left.answer == {
        "error": "access_denied",
        "state": connecting.state,
        "iss": PUBLIC_URL,
    }


def test_an_api_key_is_no_sign_in_code(driver: ApiDriver, connecting: Connecting) -> None:
    page = connecting.decide(connecting.ask(), sign_in_code=driver.key)
    assert page.reply.status == 403
    assert page.sent_to == ""


def test_a_code_may_be_typed_as_people_type(connecting: Connecting) -> None:
    typed = f" {connecting.code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "
    assert connecting.decide(connecting.ask(), sign_in_code=typed).answer["code"]


def test_guesses_are_limited_by_address(connecting: Connecting) -> None:
    connecting.address = "198.51.100.9"
    page = connecting.ask()
    for _ in range(10):
        assert connecting.decide(page, sign_in_code="AAAA-AAAA-AAAA-AAAA").reply.status == 403
    assert connecting.decide(page).reply.status == 429, "right or wrong: it is not looked at"
    connecting.address = "198.51.100.10"
    assert connecting.decide(page).reply.status == 200, "a stranger alone keeps nobody out"


def test_guesses_are_limited_by_person_from_however_many_addresses(connecting: Connecting) -> None:
    page = connecting.ask()
    wrong = f"{connecting.code[:4]}-AAAA-AAAA-AAAA"
    assert connecting.decide(page, sign_in_code=wrong).reply.status == 403
    emptied = connecting.driver.sql(
        "UPDATE door_limits SET tokens = 0, refilled_at = now() + interval '1 hour'"
        " WHERE subject LIKE 'guess at person%' RETURNING subject"
    )
    assert (f"guess at person {connecting.person_id}",) in emptied
    connecting.address = "2001:db8::1"
    assert connecting.decide(page).reply.status == 429, "right or wrong: it is not looked at"


def test_addresses_of_one_household_count_as_one() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") != network_of("::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("nonsense") == network_of(None)
