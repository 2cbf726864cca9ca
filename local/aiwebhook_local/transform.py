"""Changes the synthesised templates so that they run in the emulator (MiniStack 1.5.33). Pure.

Each change has a function and a reason. Everything else is deployed as on AWS; `localise` leaves
its input unchanged.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Template = dict[str, Any]
Resource = dict[str, Any]

REST_API_ID = "aiwebhook"
LOCAL_STAGE = "local"
CODE_BUCKET = "aiwebhook-local-code"
# An operation of the front's own, beside those of AWS.
LONG_POLLS = 32
"""How many requests of one key are held at once; the front has so many places for long polls."""
START_FUNCTIONS = "AiWebhookLocal.StartFunctions"
ARTIFACT_BUCKET = "aiwebhook-local-artifacts"

# Not known to the emulator, or (instance, database) a machine that it would start in Docker if it
# found one. Local functions and runs are processes on loopback: no packet crosses this network.
_NOT_LOCAL = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::EC2::EIP",
        "AWS::EC2::Instance",
        "AWS::EC2::NatGateway",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::RDS::DBInstance",
    }
)
# The supervisor migrates before it deploys, so that a broken migration stops `up` with its message.
_MIGRATION_PREFIXES = ("Migration", "AWSCDKTrigger")
# The front serves at its root what the HTTP API serves on AWS (`front`).
_DOOR_PREFIX = "PublicDoor"
# May go along with what they refer to; anything else that refers to a dropped resource is an error.
_MAY_FOLLOW = frozenset({"AWS::CloudWatch::Alarm", "AWS::EC2::Route", "AWS::IAM::InstanceProfile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalNames:
    """`url` is the address of the front, where runners reach the API; `public_url` what people and
    clients type, behind a tunnel or not.
    """

    url: str
    public_url: str


class NotLocalisable(Exception):
    """The template has something that cannot run locally."""


def localise(template: Template, names: LocalNames) -> Template:
    """The template for the emulator."""
    result = copy.deepcopy(template)
    _drop_bootstrap_check(result)
    _replace_dropped_references(result)
    _set_api_url(result, names)
    _drop_resources(result)
    _set_public_url(result, names)
    for resource in result["Resources"].values():
        change = _CHANGES.get(resource["Type"])
        if change is not None:
            change(resource.setdefault("Properties", {}))
    return result


def function_name(handler: str) -> str:
    """The folder in functions/ of a handler `relay.handler.lambda_handler`."""
    return handler.partition(".")[0]


def handler_names(template: Template) -> list[str]:
    """The folders in functions/ that a template needs."""
    functions = [r for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    return sorted({function_name(f["Properties"]["Handler"]) for f in functions})


def deployment_order(templates: dict[str, Template]) -> list[str]:
    """Names of the stacks, each after those whose exports it imports."""
    exporter = {
        output["Export"]["Name"]: name
        for name, template in templates.items()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    needs = {
        name: {exporter[e] for e in _found(template, "Fn::ImportValue") if e in exporter}
        for name, template in templates.items()
    }
    order: list[str] = []
    while len(order) < len(templates):
        ready = sorted(n for n, needed in needs.items() if n not in order and needed <= {*order})
        if not ready:
            raise NotLocalisable(f"stacks import from each other in a circle: {sorted(needs)}")
        order += ready
    return order


def _drop_bootstrap_check(template: Template) -> None:
    """Drop the check for CDK's bootstrap stack and parameters of type AWS::SSM (machine images):
    neither exists here.
    """
    template.pop("Rules", None)
    parameters = template.get("Parameters", {})
    for name, parameter in list(parameters.items()):
        if name == "BootstrapVersion" or parameter["Type"].startswith("AWS::SSM::"):
            del parameters[name]


def _drop_resources(template: Template) -> None:
    resources: dict[str, Resource] = template["Resources"]
    gone = {name for name, resource in resources.items() if _is_not_local(name, resource)}
    while True:
        referring = {
            name
            for name, resource in resources.items()
            if name not in gone and gone & {*_references(resource.get("Properties", {}))}
        }
        stranded = {n for n in referring if resources[n]["Type"] not in _MAY_FOLLOW}
        if stranded:
            raise NotLocalisable(f"these refer to resources that are not local: {sorted(stranded)}")
        if not referring:
            break
        gone |= referring
    for name in gone:
        del resources[name]
    for resource in resources.values():
        _forget_dependencies(resource, gone)


def _is_not_local(name: str, resource: Resource) -> bool:
    kind: str = resource["Type"]
    return (
        kind in _NOT_LOCAL
        # Objects outlive the stack, so buckets exist before it, which CloudFormation rejects.
        or kind in {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
        # Its target, the database, is not there; the supervisor writes the secret instead.
        or kind == "AWS::SecretsManager::SecretTargetAttachment"
        or kind.startswith(("Custom::", "AWS::ApiGatewayV2::"))
        or name.startswith((*_MIGRATION_PREFIXES, _DOOR_PREFIX))
    )


def _forget_dependencies(resource: Resource, gone: set[str]) -> None:
    depends = resource.pop("DependsOn", [])
    kept = [n for n in ([depends] if isinstance(depends, str) else depends) if n not in gone]
    if kept:
        resource["DependsOn"] = kept


def _replace_dropped_references(template: Template) -> None:
    """Redirect references to dropped resources: from a secret's attachment to the secret, from a
    bucket to its fixed name.
    """
    stand_ins: dict[str, Any] = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::SecretsManager::SecretTargetAttachment":
            stand_ins[name] = resource["Properties"]["SecretId"]
        elif resource["Type"] == "AWS::S3::Bucket":
            stand_ins[name] = ARTIFACT_BUCKET

    def replace(node: Any) -> Any:
        if _is_intrinsic(node, "Ref"):
            return stand_ins.get(node["Ref"], node)
        if (
            _is_intrinsic(node, "Fn::GetAtt")
            and stand_ins.get(node["Fn::GetAtt"][0]) == ARTIFACT_BUCKET
        ):
            return f"arn:aws:s3:::{ARTIFACT_BUCKET}"
        return node

    for part in ("Resources", "Outputs"):
        template[part] = _replaced(template.get(part, {}), replace)


def _set_api_url(template: Template, names: LocalNames) -> None:
    """Replace the URL that CDK builds as https://<id>.execute-api.…, which runners and outputs
    use, by the front's.
    """

    def replace(node: Any) -> Any:
        joins = _is_intrinsic(node, "Fn::Join") and ".execute-api." in node["Fn::Join"][1]
        return names.url if joins else node

    for part in ("Resources", "Outputs"):
        template[part] = _replaced(template.get(part, {}), replace)


def _set_public_url(template: Template, names: LocalNames) -> None:
    """Set the URL that the functions give out to people and clients."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            variables = resource["Properties"].get("Environment", {}).get("Variables", {})
            if "PUBLIC_URL" in variables:
                variables["PUBLIC_URL"] = names.public_url


def _rest_api(properties: dict[str, Any]) -> None:
    """Fix the API's id, so that the front knows its path before anything is deployed."""
    tags = [tag for tag in properties.get("Tags", []) if tag["Key"] != "ms-custom-id"]
    properties["Tags"] = [*tags, {"Key": "ms-custom-id", "Value": REST_API_ID}]


def _stage(properties: dict[str, Any]) -> None:
    """Fix the stage's name for the same reason; drop throttling and the access log, because the
    front has its own.
    """
    properties["StageName"] = LOCAL_STAGE
    properties.pop("MethodSettings", None)
    properties.pop("AccessLogSetting", None)


def _function(properties: dict[str, Any]) -> None:
    """Point to the code as the supervisor packs it. Hold as many requests as the front has places
    for, even of programs that poll forever: on one's own machine a held request costs nothing.
    """
    name = function_name(properties["Handler"])
    properties["Code"] = {"S3Bucket": CODE_BUCKET, "S3Key": f"functions/{name}.zip"}
    variables = properties.get("Environment", {}).get("Variables", {})
    for variable, value in (("MAX_WAITS", str(3 * LONG_POLLS)), ("HOLDS_POLLS", "true")):
        if variable in variables:
            variables[variable] = value
    if name == "notifier":
        # A process per exchange made bursts of callbacks take seconds on two cores (ADR 0033).
        variables |= {"OUTBOUND_FUNCTION": "", "ALLOW_LOOPBACK_CALLBACKS": "true"}


def _layer(properties: dict[str, Any]) -> None:
    """Point to our layer as it is, and to an empty one for third-party packages, which come from
    the running environment.
    """
    name = "core" if "core" in str(properties["Content"]["S3Key"]) else "vendor"
    properties["Content"] = {"S3Bucket": CODE_BUCKET, "S3Key": f"layers/{name}.zip"}


def _task_definition(properties: dict[str, Any]) -> None:
    """Convert keys to the camelCase of ECS's API: the emulator passes them on unchanged.

    Ports stay: each task gets free ones in their place (`ecs_container.with_own_ports`).
    """
    for container in properties["ContainerDefinitions"]:
        for name in ("Secrets", "DependsOn"):
            if name in container:
                container[name] = [
                    {key[:1].lower() + key[1:]: value for key, value in item.items()}
                    for item in container[name]
                ]


_CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "AWS::ApiGateway::RestApi": _rest_api,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::LayerVersion": _layer,
    "AWS::ECS::TaskDefinition": _task_definition,
}


def _is_intrinsic(node: Any, name: str) -> bool:
    return isinstance(node, dict) and list(node) == [name]  # pyright: ignore[reportUnknownArgumentType] -- JSON edge


def _replaced(node: Any, replace: Callable[[Any], Any]) -> Any:
    node = replace(node)
    if isinstance(node, dict):
        return {key: _replaced(value, replace) for key, value in node.items()}  # pyright: ignore[reportUnknownVariableType] -- JSON edge
    if isinstance(node, list):
        return [_replaced(value, replace) for value in node]  # pyright: ignore[reportUnknownVariableType] -- JSON edge
    return node


def _found(node: Any, key: str) -> Iterator[Any]:
    """Every value under `key`, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():  # pyright: ignore[reportUnknownVariableType] -- JSON edge
            if name == key:
                yield value
            yield from _found(value, key)
    elif isinstance(node, list):
        for value in node:  # pyright: ignore[reportUnknownVariableType] -- JSON edge
            yield from _found(value, key)


def _references(properties: dict[str, Any]) -> Iterator[str]:
    """Logical ids named by Ref and Fn::GetAtt."""
    yield from (name for name in _found(properties, "Ref") if isinstance(name, str))
    for target in _found(properties, "Fn::GetAtt"):
        yield target[0] if isinstance(target, list) else str(target).partition(".")[0]
