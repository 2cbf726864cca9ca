"""alarms: faults that a person should look at, sent to the stage's address; none are
created without one.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra import interfaces

_PERIOD_S = 300


class Alarms(Construct):
    """A topic with the address as its subscriber, and the alarms that are `raised` to it.

    AWS asks the address once whether it wants this; until then nothing is sent.
    """

    def __init__(self, scope: Construct, construct_id: str, *, email: str | None) -> None:
        super().__init__(scope, construct_id)
        self._topic = None if email is None else self._mailing(email)

    def _mailing(self, email: str) -> sns.Topic:
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        # A topic's own policy replaces the one that lets the account's services publish: without
        # this statement CloudWatch is refused, and nothing but the alarm's history says so.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[interfaces.service_principal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        sns.CfnSubscription(
            self, "Mail", topic_arn=topic.topic_arn, protocol="email", endpoint=email
        )
        return topic

    def on_sum(
        self, name: str, *, metric: str, dimensions: Mapping[str, str], says: str, most: int = 0
    ) -> None:
        """Raise `says` when the metric's sum within five minutes is above `most`. `metric` is
        namespace and name, with a slash: `AWS/Lambda/Errors`."""
        self._alarm(name, metric, dimensions, says, statistic="Sum", threshold=most)

    def on_highest(
        self, name: str, *, metric: str, dimensions: Mapping[str, str], says: str, most: int = 0
    ) -> None:
        """The same with the highest value within five minutes."""
        self._alarm(name, metric, dimensions, says, statistic="Maximum", threshold=most)

    def on_silence(
        self, name: str, *, metric: str, dimensions: Mapping[str, str], says: str
    ) -> None:
        """Raise `says` when nothing was counted within five minutes."""
        self._alarm(name, metric, dimensions, says, statistic="Sum", threshold=None)

    def _alarm(
        self,
        name: str,
        metric: str,
        dimensions: Mapping[str, str],
        says: str,
        *,
        statistic: str,
        threshold: int | None,
    ) -> None:
        if self._topic is None:
            return
        namespace, _, metric_name = metric.rpartition("/")
        silent = threshold is None
        cloudwatch.CfnAlarm(
            self,
            name,
            alarm_description=says,
            namespace=namespace,
            metric_name=metric_name,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value)
                for key, value in dimensions.items()
            ],
            statistic=statistic,
            period=_PERIOD_S,
            evaluation_periods=1,
            threshold=1 if threshold is None else threshold,
            comparison_operator="LessThanThreshold" if silent else "GreaterThanThreshold",
            treat_missing_data="breaching" if silent else "notBreaching",
            alarm_actions=[self._topic.topic_arn],
        )
