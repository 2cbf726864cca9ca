"""nat_instance: outbound internet access for the functions at a tenth of a NAT gateway's
price, with self-repair.
"""

from __future__ import annotations

from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.justify import justify

_DISK_GIB = 8
_ROOT_DEVICE = "/dev/xvda"  # of Amazon Linux 2023
# What EC2 tells of a machine each minute, what mends it (another host, or a restart), and after how
# many failures in a row: where both checks fail, no restart may come between the other's move.
_REPAIRS = {"StatusCheckFailed_System": ("recover", 2), "StatusCheckFailed_Instance": ("reboot", 3)}
# CDK's own commands try the installation once, at the first boot. It fails now and then on Amazon
# Linux 2023 (another process empties dnf's cache, aws/aws-cdk#36717) and runs out of memory with
# 512 MiB (amazonlinux/amazon-linux-2023#404), after which nothing ever leaves by this machine. So
# there is swap first, it is tried until it succeeds, and a restart does all of it again.
_SERVICE = """\
[Unit]
Description=Forward what the functions send
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/forward
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target
"""
_FORWARD = """\
#!/bin/bash
if ! swapon /swap; then
  dd if=/dev/zero of=/swap bs=1M count=1024
  chmod 600 /swap
  mkswap /swap
  swapon /swap
fi
until type -P iptables-nft || dnf install -y iptables-nft; do sleep 5; done
set -e
sysctl -w net.ipv4.ip_forward=1
masquerade=(POSTROUTING ! -o lo -j MASQUERADE)
iptables-nft -t nat -C "${masquerade[@]}" || iptables-nft -t nat -A "${masquerade[@]}"
"""


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
        user_data=_commands(),
    )


def _commands() -> ec2.UserData:
    """Runs once, at the first boot: hands over to a service that runs at each."""
    commands = ec2.UserData.for_linux()
    commands.add_commands(
        f"cat > /usr/local/sbin/forward <<'END'\n{_FORWARD}END",
        "chmod 755 /usr/local/sbin/forward",
        f"cat > /etc/systemd/system/forward.service <<'END'\n{_SERVICE}END",
        "systemctl daemon-reload",
        # Without waiting: it may take minutes, and its log is the service's own.
        "systemctl enable --now --no-block forward.service",
    )
    return commands


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
        for metric in _REPAIRS:
            _repair(scope, number, metric, instance_id=instance.instance_id)


def _repair(scope: Construct, number: int, metric: str, *, instance_id: str) -> None:
    action, minutes = _REPAIRS[metric]
    stack = Stack.of(scope)
    cloudwatch.CfnAlarm(
        scope,
        f"Nat{action.capitalize()}{number}",
        namespace="AWS/EC2",
        metric_name=metric,
        dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="InstanceId", value=instance_id)],
        statistic="Maximum",
        period=60,
        evaluation_periods=minutes,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        alarm_actions=[f"arn:{stack.partition}:automate:{stack.region}:ec2:{action}"],
    )
