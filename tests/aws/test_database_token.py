"""A login by AWS IAM is what AWS's own SDK would make, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aiwebhook.aws.database_token import database_token
from aiwebhook.aws.sigv4 import AwsCredentials

MOMENT = datetime(2026, 11, 29, 10, 30, 5, tzinfo=UTC)
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
HOST = "db.abc.eu-central-1.rds.amazonaws.com"


@cache
def signer() -> Any:
    """One for all examples: making it reads botocore's whole model of RDS."""
    session: Any = import_module("botocore.session").get_session()
    return session.create_client(
        "rds", region_name="eu-central-1", aws_access_key_id="any", aws_secret_access_key="any"
    )


def token_of_botocore(role: str, keys: AwsCredentials) -> str:
    credentials = import_module("botocore.credentials").Credentials(
        keys.access_key, keys.secret_key, keys.token
    )
    signer()._request_signer._credentials = credentials
    return signer().generate_db_auth_token(HOST, 5432, role)


@pytest.mark.req("O1")
@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(role=st.from_regex(r"[a-z_]{1,40}", fullmatch=True), secret=plain, token=st.none() | plain)
def test_our_token_is_the_one_botocore_makes(role: str, secret: str, token: str | None) -> None:
    keys = AwsCredentials(access_key="AKIATEST", secret_key=secret, token=token)
    with pytest.MonkeyPatch.context() as patch:
        moment = MOMENT.replace(tzinfo=None)
        patch.setattr("botocore.auth.get_current_datetime", lambda: moment)
        theirs = token_of_botocore(role, keys)
    ours = database_token(f"{HOST}:5432", role, region="eu-central-1", credentials=keys, now=MOMENT)
    assert ours == theirs
