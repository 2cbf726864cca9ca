"""Answers with what it was asked, or misbehaves on demand."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import base64
import hashlib
import json
import os
import pathlib
import time

from toy import VERSION


def lambda_handler(event: dict, _context: object) -> dict:
    print("asked")
    path = event["path"]
    query = event["queryStringParameters"] or {}
    if path == "/v1/crash":
        raise RuntimeError("secret detail")
    if path == "/v1/event":
        return {
            "statusCode": 200,
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-Many": ["1"]},
            "headers": {"X-Plain": "text"},
            "body": json.dumps(without_chance(event), sort_keys=True, ensure_ascii=False),
        }
    if path == "/v1/exit":
        os._exit(3)
    if path == "/v1/slow":
        if "mark" in query:
            pathlib.Path(query["mark"]).touch()
        time.sleep(float(query["wait"]))
    if "size" in query:
        content = base64.b64encode(bytes([255]) * int(query["size"])).decode()
        return {"statusCode": 200, "headers": {}, "body": content, "isBase64Encoded": True}
    body = base64.b64decode(event["body"] or "")
    answer = {
        "version": VERSION,
        "path": path,
        "method": event["httpMethod"],
        "query": event["multiValueQueryStringParameters"],
        "source_ip": event["requestContext"]["identity"]["sourceIp"],
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    status = int(query.get("status", "200"))
    kind = "application/json" if status < 400 else "application/problem+json"
    return {
        "statusCode": status,
        "headers": {"content-type": kind},
        "body": base64.b64encode(json.dumps(answer).encode()).decode(),
        "isBase64Encoded": True,
    }


def without_chance(event: dict) -> dict:
    context = event["requestContext"]
    for random in ("requestId", "extendedRequestId", "resourceId"):
        assert context.pop(random)
    assert context.pop("requestTime")
    assert context.pop("requestTimeEpoch") > 1_700_000_000_000
    return event
