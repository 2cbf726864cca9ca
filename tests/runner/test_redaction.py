"""What is taken out of an agent's words."""

import json

import pytest

from aiwebhook_runner.output.redaction import Redactor

pytestmark = pytest.mark.req("T4")


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-" + "a1B2" * 10,
        "ghp_" + "a1B2" * 9,
        "AKIA" + "A1B2" * 4,
        "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
        "AIza" + "a1B2-" * 7,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIE, and then the line was cut",
    ],
)
def test_what_looks_like_a_secret_does_not_get_out(secret: str) -> None:
    redact = Redactor()
    assert redact(f"found {secret}") == "found [redacted]"
    assert secret not in redact(json.dumps({"output": f"key={secret} end"}))


def test_marked_secrets_and_credentials_in_addresses_do_not_get_out() -> None:
    redact = Redactor(["pass/word+1"])
    assert redact("Authorization: Bearer abcdefghij0123456789") == (
        "Authorization: Bearer [redacted]"
    )
    assert redact("https://me:token123@github.com/a/b") == "https://[redacted]@github.com/a/b"
    assert redact("?key=pass%2Fword%2B1&a=pass/word+1") == "?key=[redacted]&a=[redacted]"


@pytest.mark.parametrize(
    "text",
    [
        "The task-runner asked for sk-learn and risk-based tests at https://example.org:8080/a@b.",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b by bearer of news",
    ],
)
def test_innocent_words_stay(text: str) -> None:
    assert Redactor()(text) == text


def test_a_patch_loses_known_secrets_only() -> None:
    dummy = "sk-" + "a" * 30
    assert Redactor(["known-secret"]).known(f"+{dummy} known-secret") == f"+{dummy} [redacted]"
