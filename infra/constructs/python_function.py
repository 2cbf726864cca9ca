"""A Lambda function of this project: its role has what running needs and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import interfaces
from infra.assets import Assets
from infra.constructs.database_login import RoleLogins
from infra.constructs.layers import ARCHITECTURE, RUNTIME, Layers
from infra.justify import justify
from infra.stages import Egress, Stage

# Lambda attaches each function to the VPC with these, under the function's own role. EC2 has no
# narrower resource for them: the interface does not exist before it is made.
_INTERFACE_ACTIONS = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


_MEANT = {
    "L1": "Python 3.13 is what the code is compiled for and its locks are tried on.",
    "IAM5 Resource::[*]": "Interfaces do not exist before they are made; our own code is denied.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefaults:
    """What every function stands in: its environment's settings, code, network and database."""

    stage: Stage
    assets: Assets
    layers: Layers
    vpc: ec2.Vpc
    security_group: ec2.SecurityGroup
    logins: RoleLogins
    max_waits: str
    """MAX_WAITS of the functions that hold requests."""


class PythonFunction(Construct):
    """functions/<name> on Python 3.13 arm64 in the private subnets; its log group expires."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        surroundings: FunctionDefaults,
        timeout_s: int,
        memory_mib: int,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.timeout_s = timeout_s
        snapshot = name in surroundings.stage.snap_start
        log_group = expiring_log_group(self, "Logs", days=surroundings.stage.log_days)
        self.role = _execution_role(self, log_group)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=surroundings.assets.function(name),
            handler=f"{name}.handler.lambda_handler",
            layers=surroundings.layers.both,
            memory_size=memory_mib,
            timeout=Duration.seconds(timeout_s),
            role=interfaces.role(self.role),
            log_group=log_group,
            vpc=surroundings.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[surroundings.security_group],
            ipv6_allowed_for_dual_stack=surroundings.stage.egress is Egress.IPV6 or None,
            environment=_every_functions(name, surroundings) | dict(environment),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snapshot else None,
        )
        self.callee = self._newest_version() if snapshot else self.function
        """What callers name. A snapshot belongs to a version, and `live` is the newest."""
        justify(self, _MEANT)

    def _newest_version(self) -> lambda_.Alias:
        return lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=interfaces.version(self.function.current_version),
        )

    def allow(
        self,
        actions: Sequence[str],
        resources: Sequence[str],
        conditions: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Let the function do these things to these resources. Only the stack calls this."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=list(actions), resources=list(resources), conditions=conditions
            )
        )


def _every_functions(name: str, surroundings: FunctionDefaults) -> dict[str, str]:
    """What every function reads from its environment."""
    return {
        **surroundings.logins.environment(name),
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": metrics_namespace(surroundings.stage),
    }


def metrics_namespace(stage: Stage) -> str:
    """Where CloudWatch keeps what the functions count: apart from that of every other stage."""
    return f"AiWebhook/{stage.name}"


def expiring_log_group(scope: Construct, construct_id: str, *, days: int) -> logs.LogGroup:
    """Make a log group that forgets after `days`, of those that CloudWatch offers."""
    group = logs.LogGroup(scope, construct_id, removal_policy=RemovalPolicy.DESTROY)
    # CDK wants a member of an enumeration for the same number.
    cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = days
    return group


def _execution_role(scope: Construct, log_group: logs.LogGroup) -> iam.Role:
    """Make a role without AWS's managed policies: those allow writing to every log group."""
    return iam.Role(
        scope,
        "Role",
        assumed_by=interfaces.service_principal("lambda.amazonaws.com"),
        inline_policies={
            "Run": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                        resources=[log_group.log_group_arn],
                    ),
                    iam.PolicyStatement(actions=_INTERFACE_ACTIONS, resources=["*"]),
                    # The key is present only when the caller is the function's own code, so Lambda
                    # may make interfaces and the code may not.
                    iam.PolicyStatement(
                        effect=iam.Effect.DENY,
                        actions=_INTERFACE_ACTIONS,
                        resources=["*"],
                        conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
                    ),
                ]
            )
        },
    )
