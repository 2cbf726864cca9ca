"""The toy's shared package: proves that the core layer is mounted."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import json
import os

import boto3
import psycopg

VERSION = 1


def record(what: str, body: object) -> None:
    """Append a row that the test can read."""
    secrets = boto3.client("secretsmanager")
    answer = secrets.get_secret_value(SecretId=os.environ["DATABASE_SECRET_ARN"])
    database = json.loads(answer["SecretString"])
    with psycopg.connect(
        host=database["host"],
        port=database["port"],
        user=database["username"],
        password=database["password"],
        dbname=database["dbname"],
    ) as connection:
        connection.execute(
            "insert into toy_records (what, body) values (%s, %s)", (what, json.dumps(body))
        )
