from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook.aws.sigv4 import AwsCredentials, SigningScope, sign_post

MOMENT = datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC)
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def botocore_signature(
    headers: dict[str, str], body: bytes, keys: AwsCredentials, path: str = "/"
) -> str:
    """What the official signer says to the same request at the same moment."""
    auth: Any = import_module("botocore.auth")
    request: Any = import_module("botocore.awsrequest").AWSRequest(
        "POST", f"https://{headers['Host']}{path}", headers=dict(headers), data=body
    )
    credentials = import_module("botocore.credentials").Credentials(
        keys.access_key, keys.secret_key, keys.token
    )
    signer = auth.SigV4Auth(credentials, "sqs", "eu-central-1")
    request.context["timestamp"] = "20261122T103005Z"
    request.headers["X-Amz-Date"] = "20261122T103005Z"
    if keys.token:
        request.headers["X-Amz-Security-Token"] = keys.token
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


@pytest.mark.req("T3")
@settings(max_examples=200)
@given(
    body=st.binary(max_size=200),
    secret=plain,
    token=st.none() | plain,
    target=plain,
    path=st.from_regex(r"/(2015-03-31/functions/[A-Za-z0-9_-]{1,64}/invocations)?", fullmatch=True),
)
def test_our_signature_is_the_one_botocore_computes(
    body: bytes, secret: str, token: str | None, target: str, path: str
) -> None:
    keys = AwsCredentials(access_key="AKIATEST", secret_key=secret, token=token)
    headers = {
        "Host": "sqs.eu-central-1.amazonaws.com",
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.0",
    }
    signed = sign_post(
        headers,
        body,
        scope=SigningScope(service="sqs", region="eu-central-1", path=path),
        credentials=keys,
        now=MOMENT,
    )
    ours = signed["Authorization"].rpartition("Signature=")[2]
    assert ours == botocore_signature(headers, body, keys, path)


@pytest.mark.req("O3")
def test_credentials_do_not_show_their_secrets() -> None:
    keys = AwsCredentials(access_key="AKIATEST", secret_key="very secret", token="a token")
    assert "very secret" not in repr(keys)
    assert "a token" not in repr(keys)
