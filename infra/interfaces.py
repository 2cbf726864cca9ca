"""CDK's classes as the interfaces they implement.

jsii gives some parameters other names in the interface than in the class, which pyright rightly
refuses; at run time only the JavaScript object counts. All casts for that stand here.
"""

from __future__ import annotations

from typing import cast

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager


def service_principal(name: str) -> iam.IPrincipal:
    """Name an AWS service (with its domain) as someone who may assume a role."""
    return cast(iam.IPrincipal, iam.ServicePrincipal(name))


def anyone() -> iam.IPrincipal:
    """Whoever calls."""
    return cast(iam.IPrincipal, iam.AnyPrincipal())


def role(concrete: iam.Role) -> iam.IRole:
    """Show the role as an interface."""
    return cast(iam.IRole, concrete)


def function(concrete: lambda_.Function | lambda_.Alias) -> lambda_.IFunction:
    """Show the function, or one of its versions, as an interface."""
    return cast(lambda_.IFunction, concrete)


def version(concrete: lambda_.Version) -> lambda_.IVersion:
    """Show a function's version as an interface."""
    return cast(lambda_.IVersion, concrete)


def cluster(concrete: ecs.Cluster) -> ecs.ICluster:
    """Show the cluster as an interface."""
    return cast(ecs.ICluster, concrete)


def secret(concrete: secretsmanager.Secret) -> secretsmanager.ISecret:
    """Show the secret as an interface."""
    return cast(secretsmanager.ISecret, concrete)


def queue_target(concrete: targets.SqsQueue) -> events.IRuleTarget:
    """Show the target of a rule as an interface."""
    return cast(events.IRuleTarget, concrete)


def rule_target(concrete: targets.LambdaFunction) -> events.IRuleTarget:
    """Show the target of a rule as an interface."""
    return cast(events.IRuleTarget, concrete)
