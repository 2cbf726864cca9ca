# reason: what the emulator does otherwise than AWS stands in one place, so that it can be counted
"""Everything that the emulator does otherwise than AWS, mended in its process: each difference is a
function with its reason, and there is no other place. The templates are deployed as they are.

MiniStack is pinned (1.5.33); what is replaced of it is named here.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import json
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from aiwebhook_local import emulator, task_processes
from aiwebhook_local.ecs_container import EcsError
from aiwebhook_local.ecs_records import TaskRecord
from aiwebhook_local.fargate import LocalFargate
from tests.deployed.lambda_actions import INTERFACE_ACTIONS, LOG_ACTIONS, POLL_ACTIONS
from tests.deployed.role_calls import CallsOfARole, may

Json = dict[str, Any]
_REST_API = re.compile(r"https://(\w+)\.execute-api\.[\w-]+\.amazonaws\.com/(\w+)")
_OTHER_MACHINES = re.compile(r":layer:[\w-]*LayersVendor")
_ROLES = "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_'"
_PASSED = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}


def _module(name: str) -> Any:
    return importlib.import_module(f"ministack.{name}")


_HANDLERS: dict[str, dict[str, Any]] = _module(
    "services.cloudformation.provisioners"
)._RESOURCE_HANDLERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`url` is the emulator's own; `postgres` the superuser's URL of the database server."""

    url: str
    postgres: str
    fargate: LocalFargate
    loop: asyncio.AbstractEventLoop


def apply(around: Surroundings) -> None:
    """Call once, before the first request."""
    loopback_counts_as_tls()
    the_image_of_arm_machines_has_a_parameter()
    databases_are_offered_on_arm_machines()
    some_resources_are_records()
    a_database_instance_is_a_database_here()
    a_reference_to_a_secret_is_its_arn()
    task_definitions_are_in_camel_case()
    layers_of_another_machine_are_left_out()
    a_stream_is_asked_for_by_its_name()
    who_may_not_list_is_not_told_that_an_object_is_missing()
    who_may_publish_may_publish_batches()
    ecs_checks_task_definition_and_passed_roles()
    lambda_acts_with_the_rights_of_the_function()
    tasks_are_processes(around)
    tasks_start_with_the_rights_of_their_execution_role(around)
    databases_live_on(around.postgres)


def loopback_counts_as_tls() -> None:
    """Buckets, queues and the topic refuse what does not come by TLS; the emulator speaks HTTP."""
    app = _module("app")
    pin = app.pin_request_origin

    def pinned(address: str, _by_tls: object) -> None:
        pin(address, True)

    app.pin_request_origin = pinned


def the_image_of_arm_machines_has_a_parameter() -> None:
    """The emulator knows the public parameter of the newest Amazon Linux for x86 only."""
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64"
    _module("services.ssm")._PUBLIC_AMI_PARAMETERS[name] = "ami-0c2023a1b2c3d4e60"


def databases_are_offered_on_arm_machines() -> None:
    """The emulator offers some classes of x86 machines, with one version of PostgreSQL."""
    actions = _module("services.rds")._ACTION_MAP
    offer = actions["DescribeOrderableDBInstanceOptions"]

    def offered(asked: Json) -> Any:
        (wanted,) = asked["DBInstanceClass"]
        known = {"DBInstanceClass": ["db.t3.micro"], "EngineVersion": ["18.1"]}
        status, headers, body = offer(asked | known)
        return status, headers, body.replace(b"db.t3.micro", str(wanted).encode())

    actions["DescribeOrderableDBInstanceOptions"] = offered


def some_resources_are_records() -> None:
    """The NAT instance, its address and single rules of security groups: unknown to
    CloudFormation here, and no packet crosses this network.
    """
    kinds = ("EIP", "Instance", "NatGateway", "SecurityGroupEgress", "SecurityGroupIngress")
    for kind in kinds:
        handlers = _HANDLERS.setdefault(f"AWS::EC2::{kind}", {})
        handlers.update(create=_record, update=_kept, delete=_nothing)


def _record(logical_id: str, _properties: Json, stack: str) -> tuple[str, Json]:
    name = f"{stack}-{logical_id}"
    address = {"PublicIp": "198.51.100.7", "PrivateIp": "10.0.0.7"}
    return name, {"AllocationId": name, "InstanceId": name, "Id": name, **address}


def _kept(physical_id: str, *_rest: object, **_more: object) -> tuple[str, Json]:
    return physical_id, {}


def _nothing(*_rest: object, **_more: object) -> None:
    pass


_server: list[str] = []


def databases_live_on(dsn: str) -> None:
    """Which server plays RDS."""
    _server[:] = [dsn]


def a_database_instance_is_a_database_here() -> None:
    """The emulator keeps a record of an instance; a server of the machine plays it, with the name,
    the owner and the password that the template gives.
    """
    rds = _module("services.rds")
    provisioners = _module("services.cloudformation.provisioners")
    handlers = _HANDLERS["AWS::RDS::DBInstance"]
    create, delete = handlers["create"], handlers["delete"]

    def created(logical_id: str, properties: Json, stack: str) -> tuple[str, Json]:
        physical_id, _ = create(logical_id, properties, stack)
        user, name = (sql.Identifier(properties[key]) for key in ("MasterUsername", "DBName"))
        password = sql.Literal(properties["MasterUserPassword"])
        with psycopg.connect(_server[0], autocommit=True) as connection:
            make = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
            connection.execute(make.format(user, password))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, user))
            place = {"Address": connection.info.host, "Port": connection.info.port}
        record = rds._instances[physical_id]
        record["Endpoint"].update(place)
        return physical_id, provisioners._rds_db_instance_attrs(record)

    def deleted(physical_id: str, properties: Json) -> None:
        delete(physical_id, properties)
        name = sql.Identifier(properties["DBName"])
        with psycopg.connect(_server[0], autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            # An instance takes its roles with it.
            for (role,) in connection.execute(_ROLES).fetchall():
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    handlers.update(create=created, delete=deleted)


def a_reference_to_a_secret_is_its_arn() -> None:
    """On AWS `Ref` of a secret is its ARN, here its name: no grant would fit."""
    secrets = _module("services.secretsmanager")
    handlers = _HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = (handlers[name] for name in ("create", "update", "delete"))

    def name_of(arn: str) -> str:
        return str(secrets._resolve(arn)[0])

    def created(*given: Any) -> tuple[str, Json]:
        attributes = create(*given)[1]
        return attributes["Arn"], attributes

    def updated(physical_id: str, *given: Any, **more: Any) -> tuple[str, Json]:
        attributes = update(name_of(physical_id), *given, **more)[1]
        return attributes["Arn"], attributes

    def deleted(physical_id: str, properties: Json) -> None:
        delete(name_of(physical_id), properties)

    handlers.update(create=created, update=updated, delete=deleted)


def task_definitions_are_in_camel_case() -> None:
    """The emulator passes these two on with CloudFormation's capitals; ECS's API has none."""
    handlers = _HANDLERS["AWS::ECS::TaskDefinition"]
    create, update = handlers["create"], handlers["update"]

    def created(logical_id: str, properties: Json, stack: str) -> Any:
        return create(logical_id, _in_camel_case(properties), stack)

    def updated(physical_id: str, old: Json, new: Json, *given: Any, **more: Any) -> Any:
        return update(physical_id, _in_camel_case(old), _in_camel_case(new), *given, **more)

    handlers.update(create=created, update=updated)


def _in_camel_case(properties: Json) -> Json:
    changed = copy.deepcopy(properties)
    for container in changed["ContainerDefinitions"]:
        for name in {"Secrets", "DependsOn"} & container.keys():
            container[name] = [
                {key[:1].lower() + key[1:]: value for key, value in item.items()}
                for item in container[name]
            ]
    return changed


def layers_of_another_machine_are_left_out() -> None:
    """Functions run on this machine's Python, with the packages of its environment; the layer of
    third-party packages is for arm64 and Python 3.13.
    """
    functions = _module("services.lambda_svc")
    resolve = functions._resolve_layer_zip

    def resolved(layer: Any) -> bytes | None:
        return None if _OTHER_MACHINES.search(str(layer)) else resolve(layer)

    functions._resolve_layer_zip = resolved


def a_stream_is_asked_for_by_its_name() -> None:
    """AWS checks writes to a log against the stream's ARN, here against the group's."""
    actions = _module("core.iam_actions")
    resource_of = actions.extract_resource_arn

    def resource(service: str, *given: Any) -> str:
        found = str(resource_of(service, *given))
        is_group = service == "logs" and ":log-group:" in found
        return f"{found}:log-stream:any" if is_group else found

    actions.extract_resource_arn = resource


def who_may_not_list_is_not_told_that_an_object_is_missing() -> None:
    """S3 answers 404 for a missing object to whom may list the bucket, to others 403; the emulator
    answers 404 to all.
    """
    evaluator, store = _module("core.iam_evaluator"), _module("services.s3")
    enforce = evaluator.enforce

    def enforced(key: str, action: str, service: str, region: str, **more: Any) -> Any:
        denied = enforce(key, action, service, region, **more)
        if denied or action != "s3:GetObject":
            return denied
        bucket, _, name = str(more["resource_arn"]).partition("/")
        there = store._buckets.get(bucket.rpartition(":")[2], {}).get("objects", {})
        if name in there:
            return None
        return enforce(key, "s3:ListBucket", service, region, resource_arn=bucket)

    evaluator.enforce = enforced


def who_may_publish_may_publish_batches() -> None:
    """SNS has one action for both; the emulator asks for sns:PublishBatch, which is none."""
    evaluator = _module("core.iam_evaluator")
    enforce = evaluator.enforce

    def enforced(key: str, action: str, *given: Any, **more: Any) -> Any:
        asked = "sns:Publish" if action == "sns:PublishBatch" else action
        return enforce(key, asked, *given, **more)

    evaluator.enforce = enforced


def ecs_checks_task_definition_and_passed_roles() -> None:
    """AWS checks RunTask against the task definition's revision and StopTask against the task, both
    with the cluster's ARN as a condition, and whether the caller may tag the task and pass on the
    roles; the emulator checks the cluster alone.
    """
    actions, evaluator = _module("core.iam_actions"), _module("core.iam_evaluator")
    resource_of, enforce = actions.extract_resource_arn, evaluator.enforce
    asked: ContextVar[Json] = ContextVar("asked")

    def resource(service: str, *given: Any) -> str:
        found = str(resource_of(service, *given))
        if service != "ecs":
            return found
        request = json.loads(given[3] or b"{}")
        asked.set(request)
        if "taskDefinition" in request:
            return str(_definition(request).get("taskDefinitionArn", found))
        return str(request.get("task", found))

    def enforced(key: str, action: str, service: str, region: str, **more: Any) -> Any:
        if service != "ecs":
            return enforce(key, action, service, region, **more)
        request = asked.get()
        cluster = _arn(f"cluster/{request.get('cluster', '').rpartition('/')[2]}")
        context = {**more.pop("service_context", {}), "ecs:cluster": cluster}
        denied = enforce(key, action, service, region, service_context=context, **more)
        if action != "ecs:RunTask" or denied:
            return denied
        tagging = {"ecs:CreateAction": "RunTask", "ecs:cluster": cluster}
        task = {"resource_arn": f"{cluster.replace(':cluster/', ':task/')}/0"}
        if request.get("tags"):
            denied = enforce(key, "ecs:TagResource", "ecs", region, service_context=tagging, **task)
        definition = _definition(request)
        for name in ("executionRoleArn", "taskRoleArn"):
            passed = {"resource_arn": definition[name], "service_context": _PASSED}
            denied = denied or enforce(key, "iam:PassRole", "iam", region, **passed)
        return denied

    actions.extract_resource_arn, evaluator.enforce = resource, enforced


def _arn(name: str) -> str:
    return f"arn:aws:ecs:{emulator.REGION}:{emulator.ACCOUNT}:{name}"


def _definition(request: Json) -> Json:
    name = {"taskDefinition": request["taskDefinition"]}
    status, _headers, body = _module("services.ecs")._describe_task_definition(name)
    return json.loads(body)["taskDefinition"] if status == 200 else {}


def lambda_acts_with_the_rights_of_the_function() -> None:
    """Lambda writes a function's log, polls its queues and puts it into the VPC as the function's
    role: without the rights the log stays empty, the queue full, and the change is refused. The
    emulator does all three for every function.
    """
    functions = _module("services.lambda_svc")
    emit, mappings, update = (
        functions._emit_lambda_logs,
        functions._iter_all_esms,
        functions._update_config,
    )

    def emitted(function: Json, *given: Any, **more: Any) -> None:
        config = function.get("config") or function
        group = config.get("LoggingConfig", {}).get("LogGroup", "any")
        stream = f"arn:aws:logs:{emulator.REGION}:{emulator.ACCOUNT}:log-group:{group}:log-stream:s"
        if may(config["Role"], LOG_ACTIONS, stream):
            emit(function, *given, **more)

    def polled() -> Iterator[Any]:
        for account, region, mapping in mappings():
            config = functions._functions[mapping["FunctionName"]]["config"]
            if may(config["Role"], POLL_ACTIONS, mapping["EventSourceArn"]):
                yield account, region, mapping

    def updated(name: str, data: Json) -> Any:
        role = functions._functions[name]["config"]["Role"]
        if "VpcConfig" in data and not may(role, INTERFACE_ACTIONS, "*"):
            raise PermissionError(f"{role} does not have permissions on network interfaces")
        return update(name, data)

    functions._emit_lambda_logs = emitted
    functions._iter_all_esms, functions._update_config = polled, updated


def tasks_are_processes(around: Surroundings) -> None:
    """The emulator keeps records of tasks and runs nothing without Docker; the local stack's
    stand-in for Fargate runs them, behind the emulator's own check of the caller.
    """

    def operation(name: str) -> Callable[[Json], tuple[int, dict[str, str], bytes]]:
        def called(request: Json) -> tuple[int, dict[str, str], bytes]:
            answering = around.fargate.answer(name, request)
            status, answer = asyncio.run_coroutine_threadsafe(answering, around.loop).result()
            kind = {"Content-Type": "application/x-amz-json-1.1"}
            return status, kind, json.dumps(answer).encode()

        return called

    for name in ("RunTask", "StopTask", "DescribeTasks", "ListTasks"):
        _module("services.ecs")._ACTION_MAP[name] = operation(name)


def tasks_start_with_the_rights_of_their_execution_role(around: Surroundings) -> None:
    """ECS pulls the image, opens the log and reads the secrets of a task as its execution role, and
    fails the task where it may not. What the task is told of the API is where it is here.
    """
    environment_of = task_processes.environment_of
    calls = CallsOfARole(url=around.url)

    async def environment(task: TaskRecord, container: Json) -> dict[str, str]:
        calls.role = task.definition["executionRoleArn"]
        try:
            await calls.pull(container["image"])
            await calls.open_log(container, task.task_id)
            variables = await environment_of(task, container)
        except EcsError as refused:
            raise EcsError(refused.code, f"{refused.code}: {refused}") from refused
        here = rf"{around.url}/restapis/\1/\2/_user_request_"
        return {name: _REST_API.sub(here, value) for name, value in variables.items()}

    task_processes.environment_of = environment
    emulator.call = calls.call
