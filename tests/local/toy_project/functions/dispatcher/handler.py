"""Starts a run for every message."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import json
import os

import boto3

_ecs = boto3.client("ecs")


def lambda_handler(event: dict, _context: object) -> dict:
    for record in event["Records"]:
        message = json.loads(record["body"])
        _ecs.run_task(
            cluster=os.environ["CLUSTER_ARN"],
            taskDefinition=json.loads(os.environ["TASK_DEFINITIONS"])["toy"],
            launchType="FARGATE",
            clientToken=message["attempt"],
            startedBy=message["attempt"],
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": os.environ["SUBNET_IDS"].split(",")}
            },
            overrides={
                "containerOverrides": [
                    {
                        "name": "runner",
                        "environment": [
                            {"name": "AIWEBHOOK_API_URL", "value": os.environ["API_URL"]},
                            {"name": "TOY_SCRIPT", "value": message["script"]},
                        ],
                    }
                ]
            },
        )
    print("dispatched")
    return {"batchItemFailures": []}
