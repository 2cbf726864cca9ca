"""service: functions, queues, rules, task definitions; nothing that cannot be made again."""

# reason: the wiring of one stack, read from top to bottom

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, CfnParameter, Stack
from constructs import Construct

from infra.agents import AgentType
from infra.assets import Assets
from infra.constructs import dispatcher as dispatching
from infra.constructs.alarms import Alarms
from infra.constructs.database_login import RoleLogins
from infra.constructs.dispatcher import Dispatcher
from infra.constructs.front_door import FrontDoor
from infra.constructs.held_requests import max_waits
from infra.constructs.layers import Layers
from infra.constructs.migration import MigrationTrigger
from infra.constructs.notifier import Notifier
from infra.constructs.outbound import Outbound
from infra.constructs.public_door import PublicDoor
from infra.constructs.python_function import FunctionDefaults, PythonFunction, metrics_namespace
from infra.constructs.reaper import ReaperFunction
from infra.constructs.reconciler import ReconcilerFunction
from infra.constructs.relay import Relay
from infra.constructs.runner import Runner
from infra.constructs.session_api import SessionApiFunction
from infra.constructs.warm_workers import HEAD_START_S, WarmWorkers
from infra.constructs.work_queue import AgentQueues
from infra.stacks.data import DataStack
from infra.stacks.door import DoorStack
from infra.stacks.grants import Grants
from infra.stacks.network import NetworkStack
from infra.stages import Stage


class ServiceStack(Stack):
    """Wires the capabilities together; who may do what stands in infra/stacks/grants.py alone."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        assets: Assets,
        agents: Sequence[AgentType],
        network: NetworkStack,
        data: DataStack,
        door: DoorStack,
    ) -> None:
        super().__init__(scope, construct_id)
        self._network, self._data, self._stage = network, data, stage
        self._public_url = stage.public_url or door.url
        self._loopback = self._loopback_parameter()
        self._surroundings = FunctionDefaults(
            stage=stage,
            assets=assets,
            layers=Layers(self, "Layers", assets=assets),
            vpc=network.vpc,
            security_group=network.function_security_group,
            logins=RoleLogins(stage=stage, database=data.database),
            max_waits=max_waits(self, stage),
        )
        self._front_door = FrontDoor(self, "FrontDoor", stage=stage)
        self._queues = self._make_queues(agents)
        self._outbound = self._make_outbound()
        self._notifier = self._make_notifier()
        self._runner = self._make_runner(stage, agents)
        self._reaper = self._make_reaper()
        functions = self._make_functions()
        self._front_door.route(relay=functions["relay"], session_api=functions["session_api"])
        self._public_door(door, functions)
        self._raise_alarms(functions, door)
        migration = MigrationTrigger(
            self, "Migration", surroundings=self._surroundings, before=list(functions.values())
        )
        self._grant(functions, migration)
        self._outputs()

    def _public_door(self, door: DoorStack, functions: Mapping[str, PythonFunction]) -> None:
        if door.domain is not None:
            self._front_door.answer_at(door.domain)
        if door.api is not None:
            PublicDoor(
                self,
                "PublicDoor",
                api=door.api,
                session_api=functions["session_api"],
                relay=functions["relay"],
            )

    def _raise_alarms(self, functions: Mapping[str, PythonFunction], door: DoorStack) -> None:
        """What says that work is lost or that nobody is served. All else heals by itself."""
        # reason: the list of all alarms
        alarms = Alarms(self, "Alarms", email=self._stage.alarm_email)
        api = {"ApiName": f"aiwebhook-{self._stage.name}"}
        alarms.on_sum(
            "Api5xx",
            metric="AWS/ApiGateway/5XXError",
            dimensions=api,
            most=10,
            says="The API answered more than ten requests with a 5xx within five minutes.",
        )
        if door.api is not None:  # an HTTP API counts under other names
            alarms.on_sum(
                "Door5xx",
                metric="AWS/ApiGateway/5xx",
                dimensions={"ApiId": door.api.ref},
                most=10,
                says="The door answered more than ten requests with a 5xx within five minutes.",
            )
        for name, function in functions.items():
            alarms.on_sum(
                f"Errors{name}",
                metric="AWS/Lambda/Errors",
                dimensions={"FunctionName": function.function.function_name},
                most=5,
                says=f"The function {name} failed more than five times within five minutes.",
            )
        for name in sorted(functions.keys() - {"outbound"}):  # that calls nothing of AWS
            alarms.on_sum(
                f"Denied{name}",
                metric=f"{metrics_namespace(self._stage)}/aws_denied",
                dimensions={"service": name},
                says=f"AWS denied {name} something that it needs: its log says what.",
            )
        alarms.on_sum(
            "CallbacksBlocked",
            metric=f"{metrics_namespace(self._stage)}/callbacks_blocked",
            dimensions={"service": "notifier"},
            most=10,
            says="Callbacks wait because outbound cannot be called: notifier's log says why.",
        )
        alarms.on_silence(
            "ReaperSilent",
            metric="AWS/Lambda/Invocations",
            dimensions={"FunctionName": functions["reaper"].function.function_name},
            says="The reaper has not run for five minutes: what died is not put right.",
        )
        queues = {**self._queues.by_agent, "callbacks": self._notifier.retries}
        for name, work in {**queues, "stopped runs": self._reaper.stopped_runs}.items():
            alarms.on_highest(
                f"DeadLetters{name.replace(' ', '')}",
                metric="AWS/SQS/ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": work.dead_letters.queue_name},
                says=f"The dead-letter queue of {name} has messages: read them, then redrive.",
            )

    def _make_queues(self, agents: Sequence[AgentType]) -> AgentQueues:
        names = [agent.name for agent in agents]
        return AgentQueues(
            self,
            "Queues",
            agent_names=names,
            consumer_timeout_s=dispatching.TIMEOUT_S,
            delays_s={agent.name: HEAD_START_S for agent in agents if agent.warm_workers},
        )

    def _make_functions(self) -> dict[str, PythonFunction]:
        return {
            "relay": self._make_relay().function,
            "session_api": self._make_session_api().function,
            "dispatcher": self._make_dispatcher().function,
            "reaper": self._reaper.function,
            "notifier": self._notifier.function,
            "outbound": self._outbound,
            "reconciler": self._make_reconciler().function,
        }

    def _make_outbound(self) -> PythonFunction:
        return Outbound(
            self,
            "Outbound",
            surroundings=self._surroundings,
            allow_loopback_callbacks=self._loopback,
        ).function

    def _make_notifier(self) -> Notifier:
        return Notifier(
            self,
            "Notifier",
            surroundings=self._surroundings,
            app_secret=self._data.app_secret,
            outbound=self._outbound,
        )

    def _make_runner(self, stage: Stage, agents: Sequence[AgentType]) -> Runner:
        tag = self._image_parameter()
        runner = Runner(
            self,
            "Runner",
            stage=stage,
            vpc=self._network.vpc,
            repository=self._data.repository,
            image_tag=tag,
            agents=agents,
            agent_secrets=self._data.agent_secrets,
        )
        if self._data.worker_key is not None:
            WarmWorkers(
                self,
                "WarmWorkers",
                runner=runner,
                agents=agents,
                key=self._data.worker_key,
                api_url=self._front_door.url,
                image_tag=tag,
                security_group=self._network.run_security_group,
            )
        return runner

    def _make_relay(self) -> Relay:
        return Relay(
            self,
            "Relay",
            surroundings=self._surroundings,
            app_secret=self._data.app_secret,
            github_secret=self._data.github_secret,
            agent_queues=self._queues,
            topic=self._notifier.topic,
            bucket=self._data.bucket,
            allow_loopback_callbacks=self._loopback,
            cors_origins=self._stage.cors_origins,
        )

    def _make_session_api(self) -> SessionApiFunction:
        return SessionApiFunction(
            self,
            "SessionApi",
            surroundings=self._surroundings,
            app_secret=self._data.app_secret,
            agent_queues=self._queues,
            topic=self._notifier.topic,
            notifier_queue=self._notifier.retries.queue,
            outbound=self._outbound,
            bucket=self._data.bucket,
            allow_loopback_callbacks=self._loopback,
            cors_origins=self._stage.cors_origins,
            quiet_hosts=self._stage.quiet_hosts,
            events_codes=self._stage.events_codes,
            public_url=self._public_url,
        )

    def _make_dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self,
            "Dispatcher",
            surroundings=self._surroundings,
            app_secret=self._data.app_secret,
            agent_queues=self._queues,
            topic=self._notifier.topic,
            runner=self._runner,
            run_security_group=self._network.run_security_group,
            api_url=self._front_door.url,
        )

    def _make_reaper(self) -> ReaperFunction:
        return ReaperFunction(
            self,
            "Reaper",
            surroundings=self._surroundings,
            agent_queues=self._queues,
            topic=self._notifier.topic,
            notifier_queue=self._notifier.retries.queue,
            cluster=self._runner.cluster,
            bucket=self._data.bucket,
        )

    def _make_reconciler(self) -> ReconcilerFunction:
        return ReconcilerFunction(
            self,
            "Reconciler",
            surroundings=self._surroundings,
            app_secret=self._data.app_secret,
            bucket=self._data.bucket,
            outbound=self._outbound,
        )

    def _loopback_parameter(self) -> str:
        parameter = CfnParameter(
            self,
            "AllowLoopbackCallbacks",
            default="false",
            allowed_values=["true", "false"],
            description="Whether callbacks may go to http://127.0.0.1: in the local stack only",
        )
        return parameter.value_as_string

    def _image_parameter(self) -> str:
        parameter = CfnParameter(
            self,
            "RunnerImageTag",
            default="none",
            description="Which images runs use: <image>-<this version>; set by 'cloud images'",
        )
        return parameter.value_as_string

    def _grant(self, functions: Mapping[str, PythonFunction], migration: MigrationTrigger) -> None:
        Grants(
            functions=functions,
            migration=migration,
            data=self._data,
            logins=self._surroundings.logins,
            queues=self._queues,
            notifier=self._notifier,
            runner=self._runner,
        ).make()

    def _outputs(self) -> None:
        """Tell operators, the CLI and the local stack where things are."""
        values = {
            "ApiUrl": self._front_door.url,
            "PublicUrl": self._public_url,
            "DatabaseSecretArn": self._data.database.secret.secret_arn,
            "DatabaseLogins": self._surroundings.logins.place,
            "AppSecretArn": self._data.app_secret.secret_arn,
            "GithubSecretArn": self._data.github_secret.secret_arn,
            "EventsTopicArn": self._notifier.topic.topic_arn,
            "NotifierQueueUrl": self._notifier.retries.queue.queue_url,
            "ClusterArn": self._runner.cluster.cluster_arn,
            "ArtifactBucketName": self._data.bucket.bucket_name,
            "AgentQueues": self._queues.as_json,
            "AgentImages": self.to_json_string(self._runner.images),
            "AgentSecrets": self.to_json_string(
                {name: secret.secret_arn for name, secret in self._data.agent_secrets.items()}
            ),
        }
        if self._data.worker_key is not None:
            values["WorkerKeyArn"] = self._data.worker_key.secret_arn
        for name, value in values.items():
            CfnOutput(self, name, value=value)
