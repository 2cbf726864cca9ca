"""Parameter Store: where migrate leaves the functions' database logins (ADR 0026)."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiwebhook.aws.signed_request import AwsClient, AwsRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A version of a value."""

    value: str = field(repr=False)
    version: int


class ParameterStore:
    """Reads and writes encrypted parameters. Raises Unavailable."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        """The newest version or the one that is asked for; None if there is no such parameter."""
        selector = name if version is None else f"{name}:{version}"
        try:
            answer = self._client.json(
                "AmazonSSM.GetParameter", {"Name": selector, "WithDecryption": True}
            )
        except AwsRefused as exc:
            if exc.aws_code in {"ParameterNotFound", "ParameterVersionNotFound"}:
                return None
            raise
        found = answer["Parameter"]
        return Parameter(value=str(found["Value"]), version=int(found["Version"]))

    def put(self, name: str, value: str) -> None:
        """A new version, encrypted under the account's own key for parameters."""
        self._client.json(
            "AmazonSSM.PutParameter",
            {"Name": name, "Value": value, "Type": "SecureString", "Overwrite": True},
        )
