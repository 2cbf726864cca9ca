"""image_build: where `aiwebhook cloud images` has runs' images built, by CodeBuild on arm64."""

from __future__ import annotations

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra import interfaces
from infra.constructs.python_function import expiring_log_group
from infra.justify import justify

# Two processors of arm64, as Fargate has them: nothing is emulated. $0.0034 a minute.
_COMPUTE = "BUILD_GENERAL1_SMALL"
_MACHINE = "aws/codebuild/amazonlinux2-aarch64-standard:3.0"
_TIMEOUT_MINUTES = 60


_MEANT = {
    "CB4": "There are no artifacts; a key of KMS costs a dollar a month.",
    "IAM5 Resource::*/[*]": "Bundles of sources are named after their content.",
    "IAM5 Resource::[*]": "ecr:GetAuthorizationToken, the login, knows no resource.",
}


class ImageBuild(Construct):
    """One project without builds: each is started with a bundle of a clone, which holds a
    buildspec of its own. Costs nothing while none runs.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.Bucket,
        sources_prefix: str,
        log_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self.sources_arn = f"{bucket.bucket_arn}/{sources_prefix}/*"
        self.role = iam.Role(
            self, "Role", assumed_by=interfaces.service_principal("codebuild.amazonaws.com")
        )
        self.log_group: logs.LogGroup = expiring_log_group(self, "Logs", days=log_days)
        self.project = codebuild.CfnProject(
            self,
            "Project",
            description="Builds the images of runs (aiwebhook cloud images)",
            service_role=self.role.role_arn,
            source=codebuild.CfnProject.SourceProperty(
                type="S3", location=f"{bucket.bucket_name}/{sources_prefix}/none.zip"
            ),
            artifacts=codebuild.CfnProject.ArtifactsProperty(type="NO_ARTIFACTS"),
            environment=codebuild.CfnProject.EnvironmentProperty(
                type="ARM_CONTAINER",
                compute_type=_COMPUTE,
                image=_MACHINE,
                # Docker runs in it. The machine is the build's own, and gone with it.
                privileged_mode=True,
            ),
            logs_config=_logs_to(self.log_group),
            timeout_in_minutes=_TIMEOUT_MINUTES,
            queued_timeout_in_minutes=_TIMEOUT_MINUTES,
        )
        self.project.node.add_dependency(self.role)
        justify(self, _MEANT)


def _logs_to(group: logs.LogGroup) -> codebuild.CfnProject.LogsConfigProperty:
    return codebuild.CfnProject.LogsConfigProperty(
        cloud_watch_logs=codebuild.CfnProject.CloudWatchLogsConfigProperty(
            status="ENABLED", group_name=group.log_group_name
        )
    )
