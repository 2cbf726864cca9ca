"""What GitHub could not deliver comes to the running stack after all."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial

import httpx
import pytest

from aiwebhook_local.stack import StackInfo
from tests.support.commands import any_name
from tests.support.github_api import TOKEN, answering, running_github
from tests.support.tenant import Tenant
from tests.support.waiting import eventually

BODY = b'{ "ref":"refs\\/heads\\/main", "size" : 1.0, "n":"\\u00e9" }\n'
LARGE = b'{ "text": "' + b"x" * 400_000 + b'" }'


def post(url: str, secret: str, guid: str, event: str, body: bytes) -> int:
    """As GitHub posts."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-GitHub-Hook-ID": "4711",
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return httpx.post(url, content=body, headers=headers, timeout=30).status_code


@pytest.mark.req("W7")
def test_what_was_lost_while_we_were_away_comes_byte_for_byte(
    stack: StackInfo, project: Tenant
) -> None:
    client = project.client
    made = client.post(
        "/v1/sources",
        {"kind": "github", "source_id": any_name("code").lower(), "max_bytes": 100_000},
    )
    path = f"/v1/sources/{made['source_id']}"
    with running_github(answering(503)) as github:
        lost, large = any_name("guid"), any_name("guid")
        github.send(lost, BODY)
        github.receive = partial(post, made["url"], made["secret"])
        assert github.send(large, LARGE) == 413
        order = {"hook": github.hook, "token": TOKEN, "api_url": github.url}
        client.post(f"{path}/reconciliation", order)
        client.post(f"{path}/reconcile", {})
        stack.invoke("reconciler", {})  # the schedule may have been faster

        def verified_by() -> dict[str, str]:
            wanted = {"source": made["source_id"], "status": "received"}
            found = client.get("/v1/inbound", wanted)["items"]
            return {item["guid"]: item["verified_by"] for item in found}

        eventually(lambda: verified_by() == {lost: "source", large: "github_api"})
        assert github.asked() == [lost]
        row = client.get(f"{path}/reconciliation")
        assert (row["failure"], row["wanted"]) == (None, None)
        client.delete(f"{path}/reconciliation")
