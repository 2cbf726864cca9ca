"""Queues whose messages mean "look for work", each with a dead-letter queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.python_function import PythonFunction

# AWS's advice: room for the batch window, throttled retries and the function itself.
VISIBILITY_FACTOR = 6
# Postgres holds the truth: a message that failed five times is a fault to see, not lost work.
MAX_RECEIVE_COUNT = 5
DEAD_LETTER_DAYS = 14


class WorkQueue(Construct):
    """An SQS standard queue for a consumer with `consumer_timeout_s`, and its dead-letter queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        consumer_timeout_s: int,
        name: str | None = None,
        delay_s: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=Duration.days(DEAD_LETTER_DAYS),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            delivery_delay=Duration.seconds(delay_s) if delay_s else None,
            visibility_timeout=Duration.seconds(VISIBILITY_FACTOR * consumer_timeout_s),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=MAX_RECEIVE_COUNT
            ),
        )

    def feed(self, function: PythonFunction, *, max_concurrency: int) -> None:
        """Deliver to the function at once, at most ten messages; only failed
        messages are redelivered.
        """
        function.function.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=10,
                max_concurrency=max_concurrency,
                report_batch_item_failures=True,
            )
        )


class AgentQueues(Construct):
    """One work queue per agent type, shared by all projects."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        agent_names: Iterable[str],
        consumer_timeout_s: int,
        delays_s: Mapping[str, int],
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = f"{Stack.of(self).stack_name}-"
        self.by_agent: Mapping[str, WorkQueue] = {
            name: WorkQueue(
                self,
                _pascal(name),
                consumer_timeout_s=consumer_timeout_s,
                name=f"{self._prefix}{name}",
                delay_s=delays_s.get(name, 0),
            )
            for name in agent_names
        }

    @property
    def arns(self) -> list[str]:
        """Of the queues, without the dead-letter queues."""
        return [work.queue.queue_arn for work in self.by_agent.values()]

    @property
    def as_json(self) -> str:
        """{"agent_name": queue url}, for people and tools."""
        urls = {name: work.queue.queue_url for name, work in self.by_agent.items()}
        return Stack.of(self).to_json_string(urls)

    @property
    def as_setting(self) -> str:
        """The same for AGENT_QUEUES, short enough for many agents (settings/agent_queues.py)."""
        one = next(iter(self.by_agent.values()))
        setting = {
            "like": one.queue.queue_url,
            "prefix": self._prefix,
            "agents": list(self.by_agent),
        }
        return Stack.of(self).to_json_string(setting)


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
