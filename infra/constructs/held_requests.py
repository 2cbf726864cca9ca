"""How many requests may be held: the stage's number, or none in an account that is too small."""

from __future__ import annotations

from aws_cdk import CfnCondition, CfnParameter, Fn, Stack, Token

from infra.stages import Stage


def max_waits(stack: Stack, stage: Stage) -> str:
    """MAX_WAITS of the functions, as a parameter of the stack: the account's quota is known only at
    deployment, and later deployments keep the value.
    """
    parameter = CfnParameter(
        stack,
        "HoldsRequests",
        default="true",
        allowed_values=["true", "false"],
        description="Whether the account may run enough functions to hold max_waits requests;"
        " set by 'cloud deploy', which reads its quota",
    )
    holds = CfnCondition(
        stack,
        "RequestsAreHeld",
        expression=Fn.condition_equals(parameter.value_as_string, "true"),
    )
    return Token.as_string(Fn.condition_if(holds.logical_id, str(stage.max_waits), "0"))
