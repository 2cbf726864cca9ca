"""data: everything whose loss would hurt: database, artifacts, secrets, runner images."""

from __future__ import annotations

import json

from aws_cdk import CfnOutput, Duration, RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aiwebhook.domain.provider import AGENT_SECRETS, NO_KEY
from infra import interfaces
from infra.constructs.database import DatabaseInstance
from infra.constructs.image_build import ImageBuild
from infra.justify import justify
from infra.stacks.network import NetworkStack
from infra.stages import Stage

_NO_GITHUB_SECRETS = json.dumps({"project_id": "default", "secrets": []})

# What is kept in the bucket, and what goes by itself.
CONTENT_PREFIX, CHECKPOINT_PREFIX = "content", "checkpoints"
IMAGE_SOURCES_PREFIX = "image-sources"
_PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]


class DataStack(Stack):
    """The stateful part: the other stacks can be destroyed and made again without touching it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, network: NetworkStack
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.keep_data)
        self._removal = RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY
        self.database = DatabaseInstance(
            self,
            "Database",
            stage=stage,
            vpc=network.vpc,
            security_group=network.database_security_group,
        )
        self.bucket = self._artifacts()
        self.repository = self._runner_images()
        self._image_build(stage)
        self.app_secret = self._app_secret(stage.app_secret_arn)
        self.github_secret = self._github_secret()
        justify(self.app_secret, {"SMG4": "Callback secrets and tokens are derived from it."})
        justify(self.github_secret, {"SMG4": "Its other half is kept at GitHub, by a person."})
        justify(
            self.bucket,
            {"S1": "Functions and runs' signed addresses alone reach it, and they log."},
        )
        self.agent_secrets = {name: self._agent_secret(name) for name in AGENT_SECRETS}
        self.worker_key = self._worker_key() if stage.has_warm_workers else None
        self._justify_agent_secrets()

    def _runner_images(self) -> ecr.Repository:
        repository = ecr.Repository(
            self,
            "RunnerImages",
            image_scan_on_push=True,
            # A tag stands for one digest: a run cannot meet another image than the one that was
            # tried, and the way back is the tag of before.
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            removal_policy=self._removal,
            # Some twenty releases: agents on the same program share an image.
            lifecycle_rules=[ecr.LifecycleRule(max_image_count=100)],
        )
        # Where `docker push` takes the runner's image.
        CfnOutput(self, "RunnerRepositoryUri", value=repository.repository_uri)
        return repository

    def _image_build(self, stage: Stage) -> None:
        build = ImageBuild(
            self,
            "ImageBuild",
            bucket=self.bucket,
            sources_prefix=IMAGE_SOURCES_PREFIX,
            log_days=stage.log_days,
        )
        grants = (
            (["s3:GetObject", "s3:GetObjectVersion"], build.sources_arn),
            (_PUSH, self.repository.repository_arn),
            (["ecr:GetAuthorizationToken"], "*"),  # ECR's login knows no resource
            (["logs:CreateLogStream", "logs:PutLogEvents"], build.log_group.log_group_arn),
        )
        for actions, resource in grants:
            statement = iam.PolicyStatement(actions=actions, resources=[resource])
            build.role.add_to_policy(statement)
        CfnOutput(self, "ImageBuildProject", value=build.project.ref)
        CfnOutput(self, "ArtifactBucketName", value=self.bucket.bucket_name)

    def _app_secret(self, earlier: str | None) -> secretsmanager.ISecret:
        if earlier is not None:
            return secretsmanager.Secret.from_secret_complete_arn(self, "AppSecret", earlier)
        made = secretsmanager.Secret(
            self,
            "AppSecret",
            description="master_key: lease tokens, bootstrap codes, signing secrets come from it",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 - the JSON that the key is put into
                generate_string_key="master_key",
                password_length=64,
                exclude_punctuation=True,
            ),
            removal_policy=self._removal,
        )
        return interfaces.secret(made)

    def _github_secret(self) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            "GithubSecret",
            description="Webhook secrets of GitHub, at most two live; put them in after deployment",
            # No secret: an empty list, with which every delivery is refused. CloudFormation writes
            # it once and leaves what an operator puts in its place.
            secret_string_value=SecretValue.unsafe_plain_text(_NO_GITHUB_SECRETS),
            removal_policy=self._removal,
        )

    def _agent_secret(self, name: str) -> secretsmanager.Secret:
        """The key of a provider, or a token for GitHub. One secret each, and its value never
        changes here: CloudFormation would write it anew, over what an operator has put in."""
        return secretsmanager.Secret(
            self,
            "AgentSecret" + "".join(part.capitalize() for part in name.split("_")),
            description=f"{name} of agents' runs; {NO_KEY} is none",
            secret_string_value=SecretValue.unsafe_plain_text(NO_KEY),
            removal_policy=self._removal,
        )

    def _worker_key(self) -> secretsmanager.Secret:
        """The API key of the containers that wait for tasks; `cloud deploy` makes it."""
        secret = secretsmanager.Secret(
            self,
            "WorkerKey",
            description=f"API key of warm workers, with the scope worker; {NO_KEY} is none",
            secret_string_value=SecretValue.unsafe_plain_text(NO_KEY),
            removal_policy=self._removal,
        )
        justify(secret, {"SMG4": "'aiwebhook keys rotate' changes it, and a person puts it in."})
        return secret

    def _justify_agent_secrets(self) -> None:
        for secret in self.agent_secrets.values():
            justify(secret, {"SMG4": "The provider makes the key, and a person puts it in."})

    def _artifacts(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Artifacts",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(30),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                    expired_object_delete_marker=True,
                ),
                # Read once, by the build that they were put there for.
                s3.LifecycleRule(
                    prefix=f"{IMAGE_SOURCES_PREFIX}/",
                    expiration=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(1),
                ),
                # No run is lost for so long and still goes on; one that is starts afresh.
                s3.LifecycleRule(
                    prefix=f"{CHECKPOINT_PREFIX}/",
                    expiration=Duration.days(14),
                    noncurrent_version_expiration=Duration.days(1),
                ),
            ],
            # In dev the deletion of a bucket with objects fails: empty it first.
            removal_policy=self._removal,
        )
