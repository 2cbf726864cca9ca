"""What cdk-nag finds and is meant so: said beside the resource, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import IConstruct

METADATA = "aiwebhook:justified"


def justify(scope: IConstruct, rules: Mapping[str, str]) -> None:
    """Why findings on this construct, and on all within it, stay: rule → reason.

    A rule is `RDS11`, of AwsSolutions; where cdk-nag names what was found, a pattern follows after
    a space: `IAM5 Resource::*:task/*`. CDK's own acknowledgements would need the text as it is in
    one Region and account. tests/infra/test_nag.py finds those that answer nothing any more.
    """
    for rule, reason in rules.items():
        scope.node.add_metadata(METADATA, {"rule": rule, "reason": reason})
