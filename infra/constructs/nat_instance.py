"""nat_instance: the functions' way out for a tenth of a NAT gateway's price, looked after."""

from __future__ import annotations

from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.justify import justify

_DISK_GIB = 8
_ROOT_DEVICE = "/dev/xvda"  # of Amazon Linux 2023
# What EC2 tells of a machine each minute, and what mends it: another host, or a restart.
_REPAIRS = {"StatusCheckFailed_System": "recover", "StatusCheckFailed_Instance": "reboot"}
_MINUTES = 2


def nat_provider() -> ec2.NatInstanceProviderV2:
    """For `nat_gateway_provider` of a VPC; `look_after` its machine when the VPC is made."""
    return ec2.NatProvider.instance_v2(
        instance_type=ec2.InstanceType("t4g.nano"),
        # The newest image at each deployment: patched by being replaced.
        machine_image=ec2.MachineImage.latest_amazon_linux2023(
            cpu_type=ec2.AmazonLinuxCpuType.ARM_64
        ),
        default_allowed_traffic=ec2.NatTrafficDirection.OUTBOUND_ONLY,
        # Until the fixed address is attached: the machine installs what it needs when it starts.
        associate_public_ip_address=True,
    )


def look_after(scope: Construct, nat: ec2.NatInstanceProviderV2) -> None:
    """Give the machine a fixed address, an encrypted disk, IMDSv2 alone, and self-repair."""
    for number, instance in enumerate(nat.gateway_instances):
        machine = cast(ec2.CfnInstance, instance.node.default_child)
        machine.metadata_options = ec2.CfnInstance.MetadataOptionsProperty(http_tokens="required")
        machine.block_device_mappings = [
            ec2.CfnInstance.BlockDeviceMappingProperty(
                device_name=_ROOT_DEVICE,
                ebs=ec2.CfnInstance.EbsProperty(
                    encrypted=True, volume_size=_DISK_GIB, volume_type="gp3"
                ),
            )
        ]
        justify(
            instance,
            {
                "EC28": "The status checks that repair it come each minute without it.",
                "EC29": "It keeps nothing, and a newer image replaces it at a deployment.",
            },
        )
        ec2.CfnEIP(scope, f"NatAddress{number}", domain="vpc", instance_id=instance.instance_id)
        for metric, action in _REPAIRS.items():
            _alarm(scope, f"Nat{action.capitalize()}{number}", instance.instance_id, metric, action)


def _alarm(scope: Construct, name: str, instance_id: str, metric: str, action: str) -> None:
    cloudwatch.CfnAlarm(
        scope,
        name,
        namespace="AWS/EC2",
        metric_name=metric,
        dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="InstanceId", value=instance_id)],
        statistic="Maximum",
        period=60,
        evaluation_periods=_MINUTES,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        alarm_actions=[f"arn:aws:automate:{Stack.of(scope).region}:ec2:{action}"],
    )
