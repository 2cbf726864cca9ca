"""What Lambda does by itself as the role of a function."""

from __future__ import annotations

LOG_ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")
POLL_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
# Of AWS's managed policy AWSLambdaVPCAccessExecutionRole.
INTERFACE_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
