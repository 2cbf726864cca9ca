"""Starts a run for every message."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import json
import os

import boto3

_ecs = boto3.client("ecs")


def lambda_handler(event: dict, _context: object) -> dict:
    failed = []
    for record in event["Records"]:
        try:
            start_run(json.loads(record["body"]))
        except (ValueError, KeyError) as error:
            print(f"refused: {error!r}")
            failed.append({"itemIdentifier": record["messageId"]})
    print("dispatched")
    # Only what failed comes again: its neighbours in the batch would wait out the queue's
    # visibility timeout.
    return {"batchItemFailures": failed}


def start_run(message: dict) -> None:
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
