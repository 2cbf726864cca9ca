"""S3 as the sweep of unnamed content sees it: keys with all their versions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from itertools import groupby
from typing import Any, cast

from aiwebhook.aws.blobs import CHECKPOINTS, CONTENT, away, s3_client
from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.ports.blob_sweep import BlobPage, StoredBlob

_FOLDERS = frozenset({CONTENT, CHECKPOINTS})
_HEX = 64
_PAGE = 1000


class S3BlobVersions:
    """Implements ports.blob_sweep.BlobVersions on a versioned bucket."""

    def __init__(self, environment: AwsEnvironment, bucket: str, *, page_size: int = _PAGE) -> None:
        self._environment = environment
        self._bucket = bucket
        self._page_size = page_size

    def page(self, *, after: str) -> BlobPage:
        """The next keys. One whose versions go on on the next page is left for that."""
        start: dict[str, str] = json.loads(after) if after else {}
        answer = self._call("list_object_versions", MaxKeys=self._page_size, **start)
        # The emulators list the marker's own key again, S3 does not.
        seen = "" if "VersionIdMarker" in start else start.get("KeyMarker", "")
        listed = [
            entry
            for name in ("Versions", "DeleteMarkers")
            for entry in _entries(answer, name)
            if str(entry["Key"]) > seen
        ]
        listed.sort(key=lambda entry: str(entry["Key"]))
        groups = [list(entries) for _, entries in groupby(listed, key=lambda e: str(e["Key"]))]
        marker = None
        if answer.get("IsTruncated"):
            marker = json.dumps(_behind(groups, answer))
        found = [blob for entries in groups if (blob := _blob(entries)) is not None]
        return BlobPage(blobs=found, marker=marker)

    def hide(self, blob: StoredBlob) -> None:
        """A delete marker on top of all versions."""
        self._call("delete_object", Key=blob.key)

    def show(self, blob: StoredBlob) -> None:
        """Without the delete markers on top the newest version is the current one again."""
        answer = self._call("list_object_versions", Prefix=blob.key)
        for marker in _entries(answer, "DeleteMarkers"):
            self._call("delete_object", Key=blob.key, VersionId=marker["VersionId"])

    def erase(self, blob: StoredBlob) -> None:
        """Exactly the versions listed."""
        for version_id in blob.version_ids:
            self._call("delete_object", Key=blob.key, VersionId=version_id)

    def _call(self, operation: str, **params: object) -> Any:  # noqa: ANN401 - boto3 ships no types
        faults = import_module("botocore.exceptions")
        try:
            return getattr(self._client, operation)(Bucket=self._bucket, **params)
        except faults.ClientError as exc:
            raise away(str(exc.response.get("Error", {}).get("Code", "unknown"))) from exc
        except faults.BotoCoreError as exc:
            raise away(type(exc).__name__) from exc

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        return s3_client(self._environment)


def _behind(groups: list[list[dict[str, Any]]], answer: Any) -> dict[str, str]:  # noqa: ANN401 - boto3 ships no types
    """Where the next page begins; takes the last key away, unless it is the only one here."""
    if len(groups) > 1:
        groups.pop()
        return {"KeyMarker": str(groups[-1][0]["Key"])}
    names = {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"}
    return {name: str(answer[header]) for name, header in names.items() if answer.get(header)}


def _entries(answer: Any, name: str) -> Iterable[dict[str, Any]]:  # noqa: ANN401 - boto3 ships no types
    marker = name == "DeleteMarkers"
    listed = cast("list[dict[str, Any]]", answer.get(name) or [])
    return [{**entry, "hides": marker} for entry in listed]


def _blob(entries: list[dict[str, Any]]) -> StoredBlob | None:
    """None for a key that is none of ours, and for one without a newest version."""
    newest = next((entry for entry in entries if entry.get("IsLatest")), None)
    folder, _, rest = str(entries[0]["Key"]).partition("/")
    project_id, _, name = rest.rpartition("/")
    if newest is None or folder not in _FOLDERS or len(name) != _HEX or not project_id:
        return None
    return StoredBlob(
        key=str(entries[0]["Key"]),
        folder=folder,
        project_id=project_id,
        sha256=bytes.fromhex(name),
        changed_at=newest["LastModified"],
        hidden=bool(newest["hides"]),
        version_ids=tuple(str(entry["VersionId"]) for entry in entries),
    )
