"""What the roles of a deployment may do, one by one, and how one of it is taken away."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.deployed.deployment import Deployment
from tests.deployed.refusals import FILE, Refusals

Json = dict[str, Any]
_KINDS = {
    "database": r":secret:[\w-]*DatabaseInstance",
    "app secret": r":secret:[\w-]*AppSecret",
    "github secret": r":secret:[\w-]*GithubSecret",
    "agents' keys": r":secret:[\w-]*AgentSecret",
    "agents' queues": r":sqs:.*-service-[a-z_]+$",
    "deliveries": r":sqs:.*NotifierDeliveries",
    "retries": r":sqs:.*NotifierRetries",
    "stopped runs": r":sqs:.*StoppedRuns",
    "login": r":parameter/",
    "topic": r":sns:",
    "content": r"/content/\*$",
    "checkpoints": r"/checkpoints/\*$",
    "bucket": r":s3:::[^/]*$",
    "task definitions": r":task-definition/",
    "runs": r":task/",
    "execution role": r":role/.*ExecutionRole",
    "task role": r":role/.*TaskRole",
    "images": r":repository/",
    "log": r":log-group:",
    "function": r":function:",
    "anything": r"^\*$",
}


_KEPT_IN_MEMORY = ("secretsmanager:GetSecretValue", "ssm:GetParameter")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grant:
    """One action on one kind of thing. `role` is that of a function, "execution" or "trigger"."""

    role: str
    action: str
    on: str

    def __str__(self) -> str:
        return f"{self.role} {self.action} {self.on}"


def kind_of(resource: str) -> str:
    """What a resource of a policy is. Raises LookupError for one that has no kind yet."""
    for kind, pattern in _KINDS.items():
        if re.search(pattern, resource):
            return kind
    raise LookupError(f"no kind for {resource}")


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The roles of a deployed service stack, by the names above."""

    deployment: Deployment
    names: dict[str, str]

    def grants(self) -> list[Grant]:
        """All of them, in order."""
        found = {
            Grant(role=role, action=action, on=kind_of(resource))
            for role, name in self.names.items()
            for document in self._policies(name).values()
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
            for action in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        }
        return sorted(found)

    @contextmanager
    def without(self, grant: Grant) -> Generator[Refusals]:
        """While the block runs, the role lacks it; a function has forgotten what it has read. What
        the block gets knows whether the role was refused it.
        """
        name = self.names[grant.role]
        before = self._policies(name)
        for policy, document in before.items():
            self._put(name, policy, _without(document, grant))
        self._forget(grant)
        try:
            yield Refusals(
                path=self.deployment.account.folder / "logs" / FILE,
                role=name,
                action=grant.action,
                resources=_resources(before.values(), grant),
            )
        finally:
            for policy, document in before.items():
                self._put(name, policy, document)
            self._forget(grant)

    def _policies(self, role: str) -> dict[str, Json]:
        client = self.deployment.account.client("iam")
        names = client.list_role_policies(RoleName=role)["PolicyNames"]
        return {
            name: client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in names
        }

    def _put(self, role: str, policy: str, document: Json) -> None:
        client = self.deployment.account.client("iam")
        if not document["Statement"]:
            client.delete_role_policy(RoleName=role, PolicyName=policy)
            return
        client.put_role_policy(
            RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document)
        )

    def _forget(self, grant: Grant) -> None:
        """A process of a function keeps secrets that it has read, and nothing else that it needs
        a right for.
        """
        function = self.deployment.functions().get(grant.role)
        if function is not None and grant.action in _KEPT_IN_MEMORY:
            client = self.deployment.account.client("lambda")
            config = client.get_function_configuration(FunctionName=function)
            client.update_function_configuration(FunctionName=function, Timeout=config["Timeout"])


def roles_of(deployment: Deployment) -> Roles:
    """By asking for each function's role."""
    client = deployment.account.client("lambda")
    names = {
        short: client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
        for short, name in deployment.functions().items()
    }
    names["execution"] = deployment.resource("RunnerExecutionRole")
    names["trigger"] = deployment.resource(
        "AWSCDKTriggerCustomResourceProviderCustomResourceProviderRole"
    )
    return Roles(deployment=deployment, names=names)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _resources(documents: Iterable[Json], grant: Grant) -> frozenset[str]:
    """On which the documents give it."""
    return frozenset(
        resource
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow" and grant.action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
        if kind_of(resource) == grant.on
    )


def _without(document: Json, grant: Grant) -> Json:
    statements: list[Json] = []
    for statement in document["Statement"]:
        actions = _listed(statement["Action"])
        if statement["Effect"] != "Allow" or grant.action not in actions:
            statements.append(statement)
            continue
        others = [action for action in actions if action != grant.action]
        if others:
            statements.append({**copy.deepcopy(statement), "Action": others})
        resources = [r for r in _listed(statement["Resource"]) if kind_of(r) != grant.on]
        if resources:
            kept = {"Action": [grant.action], "Resource": resources}
            statements.append({**copy.deepcopy(statement), **kept})
    return {**document, "Statement": statements}
