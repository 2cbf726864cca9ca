"""Puts the body of a webhook on the queue."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import base64
import json
import os

import boto3

_sqs = boto3.client("sqs")


def lambda_handler(event: dict, _context: object) -> dict:
    body = base64.b64decode(event["body"]).decode()
    _sqs.send_message(
        QueueUrl=json.loads(os.environ["AGENT_QUEUES"])["toy"],
        MessageBody=body,
        MessageGroupId="default",
    )
    print("relayed")
    return {"statusCode": 202, "body": '{"status": "received"}'}
