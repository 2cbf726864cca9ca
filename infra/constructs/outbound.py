"""outbound: the function that calls strangers' servers, outside the VPC (ADR 0033)."""

from __future__ import annotations

from constructs import Construct

from infra.constructs.python_function import FunctionDefaults, PythonFunction

_TIMEOUT_S = 20
"""Above the longest exchange (15 s), below what its callers wait (23 s)."""


class Outbound(Construct):
    """It has no access to the VPC, no secret, and no permission except to write its own log. Its
    callers wait for the outcome, so nothing is queued and there are no dead letters.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        allow_loopback_callbacks: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Outbound",
            name="outbound",
            surroundings=surroundings,
            timeout_s=_TIMEOUT_S,
            memory_mib=512,  # for a third of a processor: a handshake, and a wait
            environment={"ALLOW_LOOPBACK_CALLBACKS": allow_loopback_callbacks},
            in_vpc=False,
        )


def for_callers(outbound: PythonFunction) -> dict[str, str]:
    """The environment variables of the functions that call it."""
    return {"OUTBOUND_FUNCTION": outbound.function.function_name}
