"""A deployed function, and the result of a call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedFunction:
    """A function as Lambda has it; `revision` changes with every update."""

    name: str
    arn: str
    revision: str
    handler: str
    code: bytes = field(repr=False)
    """The zip."""
    layers: tuple[bytes, ...] = field(repr=False)
    """Zips of the layers, in the order in which they are merged."""
    variables: Mapping[str, str] = field(repr=False)
    memory_mb: int
    timeout_s: float


class FunctionFailure(StrEnum):
    """Why a call has an error instead of a result."""

    HANDLER = "handler"
    """The handler raised."""
    INIT = "init"
    """Its module could not be loaded."""
    EXIT = "exit"
    """The process ended while it worked, or before it could."""
    TIME_LIMIT = "time_limit"
    """It took longer than the function, or its caller, may; the process was ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationResult:
    """`payload`: what the handler returned, or Lambda's document about the failure; JSON."""

    payload: bytes
    failure: FunctionFailure | None = None


def failed(failure: FunctionFailure, error_type: str, message: str) -> InvocationResult:
    """A failure that the runtime could not report itself, in Lambda's form."""
    document = {"errorType": error_type, "errorMessage": message}
    return InvocationResult(payload=json.dumps(document).encode(), failure=failure)
