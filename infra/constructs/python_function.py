"""A Lambda function of this project: its role has only the permissions that running needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from aws_cdk import Duration, RemovalPolicy, Stack
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


_MEANT = {"L1": "Python 3.13 is what the code is compiled for and its locks are tried on."}
_MEANT_IN_VPC = {
    "IAM5 Resource::[*]": "Interfaces do not exist before they are made; our own code is denied.",
}
_PRIVATE = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefaults:
    """What all functions share: the environment's settings, code, network and database."""

    stage: Stage
    assets: Assets
    layers: Layers
    vpc: ec2.Vpc
    security_group: ec2.SecurityGroup
    logins: RoleLogins
    max_waits: str
    """MAX_WAITS of the functions that hold requests."""


class PythonFunction(Construct):
    """functions/<name> on Python 3.13 arm64; its log group expires. In the private subnets, or
    (not `in_vpc`) where Lambda itself is, with the internet and no way to the database.
    """

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
        in_vpc: bool = True,
    ) -> None:
        # reason: the function's properties, one after the other
        super().__init__(scope, construct_id)
        self.timeout_s = timeout_s
        snapshot = name in surroundings.stage.snap_start
        by_ipv6 = in_vpc and surroundings.stage.egress is Egress.IPV6
        log_group = expiring_log_group(self, "Logs", days=surroundings.stage.log_days)
        self.role = _execution_role(self, log_group, in_vpc=in_vpc)
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
            vpc=surroundings.vpc if in_vpc else None,
            vpc_subnets=_PRIVATE if in_vpc else None,
            security_groups=[surroundings.security_group] if in_vpc else None,
            ipv6_allowed_for_dual_stack=by_ipv6 or None,
            environment=_every_functions(name, surroundings)
            | (_hosts_with_ipv6(self) if by_ipv6 else {})
            | dict(environment),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snapshot else None,
        )
        self.callee = self._newest_version() if snapshot else self.function
        """What callers name. A snapshot belongs to a version, and `live` is the newest."""
        justify(self, _MEANT | _MEANT_IN_VPC if in_vpc else _MEANT)

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
    """The environment variables of every function."""
    return {
        **surroundings.logins.environment(name),
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": metrics_namespace(surroundings.stage),
    }


def _hosts_with_ipv6(scope: Construct) -> dict[str, str]:
    """Of these services' two hosts only this one has IPv6; of SQS and SNS the ordinary one has it,
    too, and S3 is behind the gateway endpoint."""
    services = {"ECS": "ecs", "LAMBDA": "lambda", "SECRETS_MANAGER": "secretsmanager"}
    region = Stack.of(scope).region
    return {
        f"AWS_ENDPOINT_URL_{key}": f"https://{host}.{region}.api.aws"
        for key, host in services.items()
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


def _execution_role(scope: Construct, log_group: logs.LogGroup, *, in_vpc: bool) -> iam.Role:
    """Make a role without AWS's managed policies: those allow writing to every log group."""
    statements = [
        iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[log_group.log_group_arn],
        ),
        *(_interfaces() if in_vpc else ()),
    ]
    return iam.Role(
        scope,
        "Role",
        assumed_by=interfaces.service_principal("lambda.amazonaws.com"),
        inline_policies={"Run": iam.PolicyDocument(statements=statements)},
    )


def _interfaces() -> tuple[iam.PolicyStatement, iam.PolicyStatement]:
    """Lambda may make interfaces, the function's code may not: the key is present only when the
    caller is that code.
    """
    return (
        iam.PolicyStatement(actions=_INTERFACE_ACTIONS, resources=["*"]),
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=_INTERFACE_ACTIONS,
            resources=["*"],
            conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
        ),
    )
