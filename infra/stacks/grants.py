"""Who may do what: every grant to a function, in one place (ADR 0002)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Stack

from infra.constructs.database_login import RoleLogins
from infra.constructs.migration import MigrationTrigger
from infra.constructs.notifier import Notifier
from infra.constructs.python_function import PythonFunction
from infra.constructs.runner import Runner
from infra.constructs.work_queue import AgentQueues
from infra.justify import justify
from infra.stacks.data import CHECKPOINT_PREFIX, CONTENT_PREFIX, DataStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """The functions by name, and the resources they may use."""

    functions: Mapping[str, PythonFunction]
    migration: MigrationTrigger
    data: DataStack
    logins: RoleLogins
    queues: AgentQueues
    notifier: Notifier
    runner: Runner

    def make(self) -> None:
        """Grant each function exactly what it needs."""
        self._secrets()
        self._database()
        self._messages()
        self._exchanges()
        self._content()
        self._launch(self.functions["dispatcher"])
        self._stop(self.functions["reaper"], self.functions["dispatcher"])
        self._justify_patterns()

    def _secrets(self) -> None:
        app, github = self.data.app_secret.secret_arn, self.data.github_secret.secret_arn
        read = ["secretsmanager:GetSecretValue"]
        self.functions["relay"].allow(read, [app, github])
        for name in ("session_api", "dispatcher", "notifier", "reconciler"):
            self.functions[name].allow(read, [app])

    def _database(self) -> None:
        """Each function logs in under its own role; the owner's secret is read by migrate alone."""
        stack = Stack.of(self.migration)
        for name in self.logins.functions:
            self.functions[name].allow(*self.logins.permission(name, stack))
        owner = self.data.database.secret.secret_arn
        self.migration.function.allow(["secretsmanager:GetSecretValue"], [owner])
        actions, parameters = self.logins.keeping(stack)
        if actions:
            self.migration.function.allow(actions, parameters)

    def _messages(self) -> None:
        """Who rings the agents' queues, publishes events, and asks the notifier to look."""
        notifier_queue = self.notifier.retries.queue.queue_arn
        for name in ("relay", "session_api", "dispatcher", "reaper"):
            self.functions[name].allow(["sqs:SendMessage"], self.queues.arns)
            self.functions[name].allow(["sns:Publish"], [self.notifier.topic.topic_arn])
        for name in ("session_api", "reaper", "notifier"):
            self.functions[name].allow(["sqs:SendMessage"], [notifier_queue])

    def _exchanges(self) -> None:
        """Functions that may call `outbound`, which talks to strangers' servers."""
        outbound = self.functions["outbound"].function.function_arn
        for name in ("session_api", "notifier", "reconciler"):
            self.functions[name].allow(["lambda:InvokeFunction"], [outbound])

    def _content(self) -> None:
        bucket = self.data.bucket
        content = f"{bucket.bucket_arn}/{CONTENT_PREFIX}/*"
        checkpoints = f"{bucket.bucket_arn}/{CHECKPOINT_PREFIX}/*"
        for name, objects in (("relay", [content]), ("session_api", [content, checkpoints])):
            self.functions[name].allow(["s3:GetObject", "s3:PutObject"], objects)
            # Without it S3 answers 403 instead of 404 for content that is not there.
            self.functions[name].allow(["s3:ListBucket"], [bucket.bucket_arn])
        # The reconciler stores what GitHub cannot send and it has fetched itself.
        self.functions["reconciler"].allow(["s3:PutObject"], [content])
        # The one function that may delete: content that no row names any more, in all its versions.
        erase = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        self.functions["reaper"].allow(erase, [content, checkpoints])
        # Rules read large deliveries that nobody has evaluated.
        self.functions["reaper"].allow(["s3:GetObject"], [content])
        self.functions["reaper"].allow(["s3:ListBucket"], [bucket.bucket_arn])
        self.functions["reaper"].allow(["s3:ListBucketVersions"], [bucket.bucket_arn])

    def _launch(self, dispatcher: PythonFunction) -> None:
        runner = self.runner
        dispatcher.allow(
            ["ecs:RunTask"],
            runner.family_arns,
            {"ArnEquals": {"ecs:cluster": runner.cluster.cluster_arn}},
        )
        dispatcher.allow(
            ["ecs:TagResource"],
            [self._run_arns()],
            {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        )
        dispatcher.allow(
            ["iam:PassRole"],
            [runner.execution_role.role_arn, runner.task_role.role_arn],
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        )

    def _stop(self, *functions: PythonFunction) -> None:
        """Runs that are cancelled, or hang after their lease has ended."""
        condition = {"ArnEquals": {"ecs:cluster": self.runner.cluster.cluster_arn}}
        for function in functions:
            function.allow(["ecs:StopTask"], [self._run_arns()], condition)

    def _justify_patterns(self) -> None:
        """Where a resource is a pattern, because its names are made later."""
        objects = "Objects are named after tasks and sessions; each grant ends at a prefix."
        for name in ("relay", "session_api", "reaper", "reconciler"):
            justify(self.functions[name], {"IAM5 Resource::*/content/[*]": objects})
        for name in ("session_api", "reaper"):
            justify(self.functions[name], {"IAM5 Resource::*/checkpoints/[*]": objects})
        started = "A run's id is made when it starts; of our cluster alone."
        for name in ("dispatcher", "reaper"):
            justify(self.functions[name], {"IAM5 Resource::*:task/*": started})
        families = {"IAM5 Resource::*:task-definition/*": "Each revision of our own families."}
        justify(self.functions["dispatcher"], families)

    def _run_arns(self) -> str:
        cluster = self.runner.cluster.cluster_name
        return Stack.of(self.runner).format_arn(
            service="ecs", resource="task", resource_name=f"{cluster}/*"
        )
