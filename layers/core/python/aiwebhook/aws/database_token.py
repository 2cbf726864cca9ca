"""The password of a database role that logs in by AWS IAM: a signed URL without its scheme.

Not botocore's (ADR 0011); a test holds it equal to `generate_db_auth_token`. Made without a call,
good for fifteen minutes, and needed only while connecting.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlencode

from aiwebhook.aws.sigv4 import AwsCredentials, SigningScope, presign_get


def database_token(
    address: str, role: str, *, region: str, credentials: AwsCredentials, now: datetime
) -> str:
    """`address` is host:port; `now` is aware."""
    url = presign_get(
        address,
        urlencode({"Action": "connect", "DBUser": role}, quote_via=quote),
        scope=SigningScope(service="rds-db", region=region),
        credentials=credentials,
        now=now,
    )
    return url.removeprefix("https://")
