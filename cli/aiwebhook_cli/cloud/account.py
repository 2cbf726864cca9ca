"""The AWS account that the credentials at hand belong to: what it has, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.errors import ConfigurationError, Unavailable
from aiwebhook_cli.cloud.refusals import aws_errors, aws_refused

if TYPE_CHECKING:
    import boto3

Json = dict[str, Any]
FUNCTIONS_QUOTA = "L-B99A9384"
_PARAMETERS_AT_ONCE = 10
_SETTINGS: Mapping[str, Json] = {
    # `migrate` may take ten minutes. boto3 would give up after one, and start it four times more.
    "lambda": {"read_timeout": 630, "tcp_keepalive": True, "retries": {"total_max_attempts": 1}}
}
"""Of boto3's clients, by service."""
_BUILDS = "Concurrently running builds for ARM/Small environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account in one Region. Every call raises AiWebhookErrors that say what to do."""

    region: str
    client: Callable[[str], Any] = field(repr=False)

    def number(self) -> str:
        """The account's twelve digits."""
        with aws_errors("sts:GetCallerIdentity"):
            return str(self.client("sts").get_caller_identity()["Account"])

    def bootstrap_version(self) -> int | None:
        """Of the CDK's bootstrap stack; None when there is none."""
        client = self.client("ssm")
        with aws_errors("ssm:GetParameter"):
            try:
                found = client.get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
            except client.exceptions.ParameterNotFound:
                return None
        return int(found["Parameter"]["Value"])

    def has_bootstrap_bucket(self) -> bool:
        """Whether the bucket is there that the CDK puts code into; the version tells nothing."""
        client = self.client("s3")
        with aws_errors("s3:ListBucket"):
            try:
                client.head_bucket(Bucket=f"cdk-hnb659fds-assets-{self.number()}-{self.region}")
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
                    return False
                raise
        return True

    def networks_in_use(self) -> tuple[int, int]:
        """VPCs and Elastic IP addresses of the Region."""
        client = self.client("ec2")
        with aws_errors("ec2:DescribeVpcs"):
            vpcs = len(client.describe_vpcs()["Vpcs"])
        with aws_errors("ec2:DescribeAddresses"):
            return vpcs, len(client.describe_addresses()["Addresses"])

    def quota(self, service: str, code: str) -> float | None:
        """The account's own value of a quota, or AWS's default; None where neither is known."""
        client = self.client("service-quotas")
        with aws_errors("servicequotas:GetServiceQuota"):
            for ask in (client.get_service_quota, client.get_aws_default_service_quota):
                try:
                    return float(ask(ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
                except client.exceptions.NoSuchResourceException:
                    continue
        return None

    def functions_at_once(self) -> float | None:
        """How many functions the account may run at once; None where it is not known."""
        return self.quota("lambda", FUNCTIONS_QUOTA)

    def builds_at_once(self) -> float | None:
        """How many builds on small arm64 machines the account may have; None where unknown. Its
        code differs between documents; its name does not."""
        pages = self.client("service-quotas").get_paginator("list_service_quotas")
        with aws_errors("servicequotas:ListServiceQuotas"):
            for page in pages.paginate(ServiceCode="codebuild"):
                for quota in page["Quotas"]:
                    if quota["QuotaName"] == _BUILDS:
                        return float(quota["Value"])
        return None

    def engine_majors(self, instance: str) -> frozenset[int]:
        """The major versions of PostgreSQL that RDS offers in the Region on this instance class,
        which is written without `db.`; none: RDS does not offer the class there.
        """
        with aws_errors("rds:DescribeOrderableDBInstanceOptions"):
            pages = self.client("rds").get_paginator("describe_orderable_db_instance_options")
            return frozenset(
                int(str(each["EngineVersion"]).partition(".")[0])
                for page in pages.paginate(Engine="postgres", DBInstanceClass=f"db.{instance}")
                for each in page["OrderableDBInstanceOptions"]
            )

    def has_role_of_ecs(self) -> bool:
        """Whether the service-linked role is there, without which RunTask is refused once."""
        client = self.client("iam")
        with aws_errors("iam:GetRole"):
            try:
                client.get_role(RoleName="AWSServiceRoleForECS")
            except client.exceptions.NoSuchEntityException:
                return False
        return True

    def stack_status(self, name: str) -> str | None:
        """Of a CloudFormation stack, such as UPDATE_COMPLETE; None when it does not exist."""
        found = self._stack(name)
        return None if found is None else str(found["StackStatus"])

    def is_protected(self, name: str) -> bool:
        """Whether CloudFormation refuses to delete the stack."""
        return bool((self._stack(name) or {}).get("EnableTerminationProtection"))

    def outputs(self, name: str) -> Mapping[str, str]:
        """Of a stack; empty when it does not exist or has not finished."""
        found = self._stack(name) or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def parameters(self, name: str) -> Mapping[str, str]:
        """Of a stack, as it was deployed with; empty when it does not exist."""
        found = self._stack(name) or {}
        return {
            each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])
        }

    def tags(self, name: str) -> Mapping[str, str]:
        """Of a stack; empty when it does not exist."""
        found = self._stack(name) or {}
        return {each["Key"]: each["Value"] for each in found.get("Tags", [])}

    def function(self, stack: str, logical_id: str) -> str | None:
        """The name of a stack's function whose logical id begins so."""
        return self.resource(stack, "AWS::Lambda::Function", logical_id)

    def resource(self, stack: str, kind: str, logical_id: str) -> str | None:
        """The physical id of a stack's resource of that type whose logical id begins so."""
        with aws_errors("cloudformation:ListStackResources"):
            pages = self.client("cloudformation").get_paginator("list_stack_resources")
            for page in pages.paginate(StackName=stack):
                for each in page["StackResourceSummaries"]:
                    if each["ResourceType"] == kind and each["LogicalResourceId"].startswith(
                        logical_id
                    ):
                        return str(each["PhysicalResourceId"])
        return None

    def invoke(self, function: str, event: Json) -> Json:
        """What a function returns. Raises Unavailable with the function's own words if it fails."""
        with aws_errors("lambda:InvokeFunction"):
            answer = self.client("lambda").invoke(
                FunctionName=function, Payload=json.dumps(event).encode()
            )
            read = answer["Payload"].read()
        body: object = json.loads(read or b"null")
        if "FunctionError" in answer:
            said = cast("Json", body).get("errorMessage") if isinstance(body, dict) else body
            raise Unavailable(f"The function {function} failed: {said}", code="cloud_function")
        return cast("Json", body)

    def secret(self, arn: str) -> str:
        """Its value."""
        with aws_errors("secretsmanager:GetSecretValue"):
            return str(self.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])

    def secret_if_there(self, arn: str) -> str | None:
        """Its value; None where there is no such secret in the Region."""
        client = self.client("secretsmanager")
        with aws_errors("secretsmanager:GetSecretValue"):
            try:
                return str(client.get_secret_value(SecretId=arn)["SecretString"])
            except client.exceptions.ResourceNotFoundException:
                return None

    def snapshot(self, name: str) -> Json | None:
        """Of a database, by its name or ARN; None where there is no such snapshot."""
        client = self.client("rds")
        with aws_errors("rds:DescribeDBSnapshots"):
            try:
                found = client.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
            except client.exceptions.DBSnapshotNotFoundFault:
                return None
        return cast("Json", found[0]) if found else None

    def put_secret(self, arn: str, value: str) -> None:
        with aws_errors("secretsmanager:PutSecretValue"):
            self.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=value)

    def image_tags(self, repository: str) -> frozenset[str]:
        """All tags of a repository."""
        with aws_errors("ecr:DescribeImages"):
            pages = self.client("ecr").get_paginator("describe_images")
            return frozenset(
                tag
                for page in pages.paginate(repositoryName=repository)
                for image in page["imageDetails"]
                for tag in image.get("imageTags", [])
            )

    def empty_bucket(self, name: str) -> None:
        """Delete all objects in all their versions, if the bucket still exists. Raises what AWS
        says of the first one that stays."""
        client = self.client("s3")
        with aws_errors("s3:DeleteObjectVersion"), suppress(client.exceptions.NoSuchBucket):
            for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
                found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
                if objects:
                    asked = {"Objects": objects, "Quiet": True}
                    done = client.delete_objects(Bucket=name, Delete=asked)
                    # S3 answers 200, whatever becomes of each.
                    for kept in done.get("Errors", []):
                        raise aws_refused("s3:DeleteObjectVersion", kept)

    def delete_parameters(self, path: str) -> None:
        """All parameters below a path of Parameter Store."""
        client = self.client("ssm")
        with aws_errors("ssm:GetParametersByPath"):
            pages = client.get_paginator("get_parameters_by_path").paginate(Path=path)
            names = [str(each["Name"]) for page in pages for each in page["Parameters"]]
        with aws_errors("ssm:DeleteParameters"):
            for first in range(0, len(names), _PARAMETERS_AT_ONCE):
                client.delete_parameters(Names=names[first : first + _PARAMETERS_AT_ONCE])

    def empty_repository(self, name: str) -> None:
        """Delete all images, if the repository still exists. ECR keeps what an index names
        until the index is gone (Docker pushes one with each image's attestation), so what was
        kept is tried again."""
        client = self.client("ecr")
        gone = client.exceptions.RepositoryNotFoundException
        with aws_errors("ecr:BatchDeleteImage"), suppress(gone):
            for _ in range(2):
                for page in client.get_paginator("list_images").paginate(repositoryName=name):
                    if page["imageIds"]:
                        client.batch_delete_image(repositoryName=name, imageIds=page["imageIds"])

    def _stack(self, name: str) -> Json | None:
        client = self.client("cloudformation")
        with aws_errors("cloudformation:DescribeStacks"):
            try:
                found = client.describe_stacks(StackName=name)["Stacks"]
            except client.exceptions.ClientError as error:
                if "does not exist" in error.response["Error"]["Message"]:
                    return None
                raise
        return cast("Json", found[0])


def open_account(region: str | None, environ: Mapping[str, str]) -> Account:
    """From the credentials that AWS's own tools would take. Raises ConfigurationError without a
    Region, for a profile that does not exist and for files of AWS's that will not do."""
    import boto3  # noqa: PLC0415 half a second that other commands do without
    from botocore.config import Config  # noqa: PLC0415 as above
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415 as above

    # boto3 reads AWS_DEFAULT_REGION alone; AWS's CLI and the CDK prefer AWS_REGION.
    wanted = region or environ.get("AWS_REGION") or None
    with aws_errors("sts:GetCallerIdentity"):
        try:
            session = boto3.Session(region_name=wanted)
            named = session.region_name
        except ProfileNotFound as exc:
            raise ConfigurationError(f"{exc}.", code="no_credentials") from exc
        if not named:
            raise ConfigurationError("No AWS Region is set.", code="no_region")
        _require_region(named, session)

    @cache  # each reads its service's description, which takes tenths of a second
    def client(service: str) -> Any:  # noqa: ANN401 boto3's clients have no types
        with aws_errors(f"{service}:*"):  # half of a pair of credentials is noticed here
            return cast("Any", session).client(service, config=Config(**_SETTINGS.get(service, {})))

    return Account(region=named, client=client)


def _require_region(name: str, session: boto3.Session) -> None:
    """Raises ConfigurationError."""
    if name in session.get_available_regions("lambda"):
        return
    for partition in session.get_available_partitions():
        if name in session.get_available_regions("lambda", partition_name=partition):
            raise ConfigurationError(
                f"{name} belongs to the partition {partition}, and AI Webhook deploys to AWS's"
                " public Regions only.",
                code="no_region",
            )
    raise ConfigurationError(f"{name!r} is not an AWS Region with Lambda.", code="no_region")
