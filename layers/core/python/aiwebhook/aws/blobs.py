"""S3: large content under the name of its SHA-256, per project."""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from importlib import import_module
from typing import Any

from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.aws.signed_request import AwsDenied, aws_refusal
from aiwebhook.errors import NotFound, Unavailable
from aiwebhook.ports.blobs import VALID_S, Upload

_FORBIDDEN = 403
CONTENT, CHECKPOINTS = "content", "checkpoints"
"""Top folders of the bucket: what is kept, and what S3 itself removes when it is old."""


class S3BlobStore:
    """BlobStore in one folder of a bucket, keys `{folder}/{project_id}/{hex}`.

    boto3 is imported at the first use: content above 256 KB is rare, and importing it costs 300
    ms of CPU.
    """

    def __init__(self, environment: AwsEnvironment, bucket: str, folder: str = CONTENT) -> None:
        self._environment = environment
        self._bucket = bucket
        self._folder = folder

    def put(self, *, project_id: str, content: bytes) -> bytes:
        """Store and return the SHA-256 digest; S3 checks it too. Raises Unavailable."""
        digest = hashlib.sha256(content).digest()
        self._call("put_object", project_id, digest, Body=content, ChecksumSHA256=_base64(digest))
        return digest

    def get(self, *, project_id: str, sha256: bytes) -> bytes:
        """The bytes. Raises NotFound, Unavailable."""
        answer = self._call("get_object", project_id, sha256)
        if answer is None:
            raise NotFound(f"No content {sha256.hex()} in this project.")
        try:
            return bytes(answer["Body"].read())
        except self._faults.BotoCoreError as exc:
            raise away(type(exc).__name__) from exc

    def size(self, *, project_id: str, sha256: bytes) -> int | None:
        """Size in bytes, or None when absent. Raises Unavailable."""
        answer = self._call("head_object", project_id, sha256)
        return None if answer is None else int(answer["ContentLength"])

    def presign_put(self, *, project_id: str, sha256: bytes, size: int) -> Upload:
        """Where to PUT exactly `size` bytes of this digest, valid 15 minutes. No network call.

        Size and checksum are signed headers: S3 refuses any other length, and other bytes.
        """
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": self._key(project_id, sha256),
                "ContentLength": size,
                "ChecksumSHA256": _base64(sha256),
            },
            ExpiresIn=VALID_S,
            HttpMethod="PUT",
        )
        headers = {"Content-Length": str(size), "x-amz-checksum-sha256": _base64(sha256)}
        return Upload(url=str(url), headers=headers)

    def presign_get(
        self, *, project_id: str, sha256: bytes, content_type: str | None = None
    ) -> str:
        """Where to GET these bytes, as `content_type`, valid 15 minutes. No network call."""
        shown = {"ResponseContentType": content_type} if content_type else {}
        return str(
            self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": self._key(project_id, sha256), **shown},
                ExpiresIn=VALID_S,
                HttpMethod="GET",
            )
        )

    def _call(self, operation: str, project_id: str, sha256: bytes, **more: object) -> Any | None:  # noqa: ANN401 - boto3 ships no types
        """The answer, or None when there is no such object."""
        call = getattr(self._client, operation)
        try:
            return call(Bucket=self._bucket, Key=self._key(project_id, sha256), **more)
        except self._faults.ClientError as exc:
            code = str(exc.response.get("Error", {}).get("Code", "unknown"))
            if code in {"NoSuchKey", "404", "NotFound"}:
                return None
            raise away(code) from exc
        except self._faults.BotoCoreError as exc:
            raise away(type(exc).__name__) from exc

    def _key(self, project_id: str, sha256: bytes) -> str:
        return f"{self._folder}/{project_id}/{sha256.hex()}"

    # boto3 ships no types, hence import_module and Any at this edge.
    @cached_property
    def _faults(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        return import_module("botocore.exceptions")

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        return s3_client(self._environment)


def s3_client(environment: AwsEnvironment) -> Any:  # noqa: ANN401 - boto3 ships no types
    """On AWS credentials come from boto3's own chain, which also refreshes them."""
    emulated = environment.is_emulated("s3")
    return import_module("boto3").client(
        "s3",
        region_name=environment.region,
        endpoint_url=environment.endpoint("s3") if emulated else None,
        config=import_module("botocore.config").Config(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=15,
            retries={"mode": "standard", "max_attempts": 3},
            # An emulator has no DNS name per bucket.
            s3={"addressing_style": "path" if emulated else "virtual"},
            # We give SHA-256 ourselves; boto3 would add a CRC to pre-signed requests.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


def away(reason: str) -> Unavailable:
    """The error of a store that cannot be reached, or does not let us in."""
    denied = aws_refusal("s3", "a call", _FORBIDDEN, {"code": reason})
    if isinstance(denied, AwsDenied):
        return denied
    return Unavailable(f"The blob store does not answer ({reason}).", code="aws_unavailable")
