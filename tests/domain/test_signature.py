from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from aiwebhook.domain.signature import CallbackKeys, callback_headers, sign, verify_github
from aiwebhook.errors import Invalid

KEYS = CallbackKeys("m" * 40)
SECRET = KEYS.secret("ep_1", 1)
GITHUB_SECRET = "It's a Secret to Everybody"
GITHUB_GOOD = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
anything = st.text(max_size=60) | st.text(st.characters(max_codepoint=127), max_size=60)


def now() -> int:
    """Asked in each test: the official library reads the clock, and five minutes are too old."""
    return int(datetime.now(UTC).timestamp())  # noqa: TID251 - as above


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    ("secret", "message_id", "timestamp", "body", "signature"),
    [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1731705121,
            b'{"event_type":"ping","data":{"success":true}}',
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
    ],
    ids=["Standard Webhooks", "Svix docs"],
)
def test_golden_vectors(
    secret: str, message_id: str, timestamp: int, body: bytes, signature: str
) -> None:
    assert sign(secret, message_id, timestamp, body) == signature


@pytest.mark.req("N3")
@settings(max_examples=200)
@given(text=st.text())
def test_the_official_library_accepts_what_we_sign(text: str) -> None:
    body = json.dumps({"text": text}, ensure_ascii=False).encode("utf-8", "replace")
    headers = callback_headers([SECRET], "dlv_0199a1b2-0000", now(), body)
    Webhook(SECRET).verify(body, headers)


@pytest.mark.req("N3")
def test_while_a_secret_rotates_either_one_verifies() -> None:
    secrets = KEYS.live_secrets("ep_1", 2, rotating=True)
    assert secrets == (KEYS.secret("ep_1", 2), KEYS.secret("ep_1", 1))
    headers = callback_headers(secrets, "dlv_1", now(), b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in secrets:
        Webhook(secret).verify(b"{}", headers)


@pytest.mark.req("N3")
def test_after_the_rotation_only_the_new_secret_signs() -> None:
    secrets = KEYS.live_secrets("ep_1", 2, rotating=False)
    assert secrets == (KEYS.secret("ep_1", 2),)
    with pytest.raises(WebhookVerificationError):
        Webhook(KEYS.secret("ep_1", 1)).verify(
            b"{}", callback_headers(secrets, "dlv_1", now(), b"{}")
        )
    assert KEYS.live_secrets("ep_1", 1, rotating=True) == (SECRET,)


@pytest.mark.req("N3")
def test_every_endpoint_version_and_project_has_a_secret_of_its_own() -> None:
    secrets = {
        KEYS.secret("ep_1", 1),
        KEYS.secret("ep_1", 2),
        KEYS.secret("ep_2", 1),
        KEYS.secret("ep_1\x002", 1),
        KEYS.project_secret("ep_1"),
        KEYS.project_secret("default"),
        CallbackKeys("n" * 40).secret("ep_1", 1),
    }
    assert len(secrets) == 7
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)
    assert "mmm" not in repr(KEYS)


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "message_id", ["", "a.b", "a b", "a\r\nx: y", "a\x00", "é", "x" * 257, "a\n"]
)
def test_an_id_that_could_be_read_as_something_else_is_not_signed(message_id: str) -> None:
    with pytest.raises(Invalid):
        sign(SECRET, message_id, now(), b"{}")


@pytest.mark.req("N3")
@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***", "whsec_a", "whsec_é"])
def test_a_malformed_secret_is_refused(secret: str) -> None:
    with pytest.raises(Invalid):
        sign(secret, "dlv_1", now(), b"{}")


@pytest.mark.req("W1")
def test_the_golden_vector_of_github() -> None:
    assert verify_github(b"Hello, World!", GITHUB_GOOD, [GITHUB_SECRET])
    assert verify_github(b"Hello, World!", GITHUB_GOOD, ["other", GITHUB_SECRET])


@pytest.mark.req("W1")
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        GITHUB_GOOD[:-1],
        GITHUB_GOOD + "0",
        GITHUB_GOOD.upper(),
        "sha256=" + GITHUB_GOOD[7:].upper(),
        "sha1=" + "0" * 40,
        "sha512=" + "0" * 128,
        GITHUB_GOOD + "," + GITHUB_GOOD,
        " " + GITHUB_GOOD,
        GITHUB_GOOD + " ",
        GITHUB_GOOD + "\n",
        "sha256=" + "é" * 64,
        "sha256=" + "٠" * 64,
        "sha256=" + "0" * 64,
    ],
)
def test_any_other_github_header_is_refused_with_a_reason(header: str | None) -> None:
    verdict = verify_github(b"Hello, World!", header, [GITHUB_SECRET])
    assert not verdict
    assert verdict.reason


@pytest.mark.req("W1")
def test_without_a_secret_nothing_verifies() -> None:
    empty = "sha256=" + "0" * 64
    assert not verify_github(b"", empty, [])
    signed_by_nobody = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    assert not verify_github(b"", signed_by_nobody, [""])


@pytest.mark.req("W1")
@settings(max_examples=300)
@given(header=st.none() | anything, body=st.binary(), secrets=st.lists(st.text(max_size=20)))
def test_no_github_header_raises(header: str | None, body: bytes, secrets: list[str]) -> None:
    assert not verify_github(body, header, [s.encode("utf-8", "ignore").decode() for s in secrets])
