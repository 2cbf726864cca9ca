"""What is deleted is gone from the bucket, with all its versions (real Postgres, S3 by moto)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from aiwebhook.aws.blob_versions import S3BlobVersions
from aiwebhook.aws.blobs import CHECKPOINTS, S3BlobStore
from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.clock import utc_now
from aiwebhook.errors import NotFound
from aiwebhook.postgres.blob_sweep_store import PostgresBlobSweepStore
from aiwebhook.usecases.sweep_blobs import GRACE, HIDDEN, BlobsSwept, sweep_blobs
from tests.aws.conftest import REGION, outside
from tests.support.commands import CommandDriver, open_database

_numbers = itertools.count(1)
SOON = timedelta(minutes=1)
LARGE = "x" * 300_000


@dataclass
class Bucket:
    """A bucket, and a project whose large content lies in it."""

    driver: CommandDriver
    blobs: S3BlobStore
    versions: S3BlobVersions
    sweeps: PostgresBlobSweepStore
    name: str

    def listed(self) -> list[str]:
        """Every version and every delete marker there is, by key."""
        answer: dict[str, Any] = outside("s3").list_object_versions(Bucket=self.name)
        return sorted(
            entry["Key"] for kind in ("Versions", "DeleteMarkers") for entry in answer.get(kind, ())
        )

    def sweep(self, *, after: timedelta) -> BlobsSwept:
        """A whole round, so much later."""
        with psycopg.connect(self.driver.dsn, autocommit=True) as connection:
            connection.execute("UPDATE blob_sweep SET began_at = '-infinity', marker = ''")
        return sweep_blobs(self.sweeps, self.versions, now=utc_now() + after)


@pytest.fixture
def bucket(database: str, aws: AwsEnvironment) -> Iterator[Bucket]:
    name = f"versions-{next(_numbers)}"
    s3 = outside("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    driver = CommandDriver(database)
    blobs = S3BlobStore(aws, name)
    driver.services = replace(driver.services, blobs=blobs)
    own = open_database(database)
    yield Bucket(
        driver=driver,
        blobs=blobs,
        versions=S3BlobVersions(aws, name),
        sweeps=PostgresBlobSweepStore(own),
        name=name,
    )
    own.close()
    driver.close()


def any_session(bucket: Bucket, name: str, *texts: str) -> None:
    bucket.driver.session(name)
    for text in texts:
        bucket.driver.send("append_conversation", name, {"content": text})


@pytest.mark.req("S1", "S4")
def test_a_deleted_session_leaves_nothing_in_the_bucket(bucket: Bucket) -> None:
    any_session(bucket, "gone", *(LARGE + str(n) for n in range(5)), LARGE + "0")
    bucket.driver.send("add_artifact", "gone", {"name": "n", "type": "t", "content": LARGE})
    any_session(bucket, "kept", LARGE + "1")
    assert len(bucket.listed()) == 8  # one content was put twice, and one by both sessions

    bucket.driver.send("delete_session", "gone")
    kept = (
        f"content/{bucket.driver.project_id}/{hashlib.sha256((LARGE + '1').encode()).hexdigest()}"
    )

    assert bucket.sweep(after=GRACE - SOON).blobs_hidden == 0
    assert bucket.sweep(after=GRACE + SOON).blobs_hidden == 5
    with pytest.raises(NotFound):
        bucket.blobs.get(
            project_id=bucket.driver.project_id, sha256=hashlib.sha256(LARGE.encode()).digest()
        )
    assert bucket.sweep(after=HIDDEN - SOON).blobs_erased == 0
    assert bucket.sweep(after=HIDDEN + SOON).blobs_erased == 5
    assert bucket.listed() == [kept, kept]


@pytest.mark.req("S4")
def test_content_that_is_named_while_it_is_hidden_comes_back(bucket: Bucket) -> None:
    """The row came between the look at the database and the mark."""
    project_id = bucket.driver.project_id
    digest = bucket.blobs.put(project_id=project_id, content=LARGE.encode())
    assert bucket.sweep(after=GRACE + SOON).blobs_hidden == 1
    bucket.driver.session("s")
    bucket.driver.sql(
        "INSERT INTO artifacts"
        " (project_id, artifact_id, session_id, name, type, content_sha256, size)"
        " VALUES (%(project_id)s, 'a', 's', 'n', 't', %(digest)s, 300000)",
        digest=digest,
    )

    assert bucket.sweep(after=HIDDEN + SOON).blobs_shown == 1

    assert bucket.blobs.get(project_id=project_id, sha256=digest) == LARGE.encode()


@pytest.mark.req("S4")
def test_an_upload_in_flight_survives_the_erasing_of_the_same_bytes(bucket: Bucket) -> None:
    project_id = bucket.driver.project_id
    digest = bucket.blobs.put(project_id=project_id, content=LARGE.encode())
    bucket.sweep(after=GRACE + SOON)
    (blob,) = bucket.versions.page(after="").blobs
    bucket.blobs.put(project_id=project_id, content=LARGE.encode())  # after the look

    bucket.versions.erase(blob)

    assert bucket.blobs.size(project_id=project_id, sha256=digest) == 300_000


@pytest.mark.req("S4")
def test_checkpoints_without_a_task_and_strangers_files(
    bucket: Bucket, aws: AwsEnvironment
) -> None:
    S3BlobStore(aws, bucket.name, CHECKPOINTS).put(project_id="p", content=b"old state")
    outside("s3").put_object(Bucket=bucket.name, Key="content/p/readme.txt", Body=b"mine")

    bucket.sweep(after=GRACE + SOON)
    bucket.sweep(after=HIDDEN + SOON)

    assert bucket.listed() == ["content/p/readme.txt"]


@pytest.mark.req("T7")
def test_a_sweep_goes_on_where_it_stopped_and_rests_between_rounds(
    bucket: Bucket, aws: AwsEnvironment
) -> None:
    versions = S3BlobVersions(aws, bucket.name, page_size=7)
    for number in range(9):
        bucket.blobs.put(project_id="p", content=str(number).encode())
    turns = iter([True, False])

    first = sweep_blobs(bucket.sweeps, versions, now=utc_now(), has_time=lambda: next(turns))
    rest = sweep_blobs(bucket.sweeps, versions, now=utc_now())
    none = sweep_blobs(bucket.sweeps, versions, now=utc_now())

    assert 0 < first.blobs_seen < 9
    assert first.blobs_seen + rest.blobs_seen == 9
    assert none.blobs_seen == 0
