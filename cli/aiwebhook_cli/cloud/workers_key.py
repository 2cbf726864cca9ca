"""The API key of a stage's warm workers."""

from __future__ import annotations

from aiwebhook.domain.provider import NO_KEY
from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.cloud.stage import stack


def give_workers_a_key(account: Account, stage: str, *, migrate: str) -> None:
    """Of a stage with warm workers, once: nothing else knows the key. `migrate` is the function."""
    secret = account.outputs(stack(stage, "service")).get("WorkerKeyArn")
    if secret is not None and account.secret(secret) == NO_KEY:
        made = account.invoke(migrate, {"worker_key": "warm workers"})
        account.put_secret(secret, made["worker_key"])
