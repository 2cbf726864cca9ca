"""One suite for blob stores: on the fake that tests use, and on S3 (moto)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from aiwebhook.aws.blobs import CHECKPOINTS, S3BlobStore, s3_client
from aiwebhook.aws.environment import AwsEnvironment, aws_environment
from aiwebhook.errors import NotFound, Unavailable
from aiwebhook.ports.blobs import BlobStore, Upload
from tests.aws.conftest import REGION, outside
from tests.support.fakes import InMemoryBlobStore

_numbers = itertools.count(1)
_ENVIRONMENT = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
ABSENT = hashlib.sha256(b"nobody stored this").digest()


@pytest.mark.parametrize(
    ("name", "style"),
    [("AWS_ENDPOINT_URL_LAMBDA", "virtual"), ("AWS_ENDPOINT_URL", "path")],
)
def test_another_services_host_makes_no_emulator_of_s3(name: str, style: str) -> None:
    """A stage that leaves by IPv6 names hosts of ECS, Lambda and Secrets Manager."""
    environment = aws_environment(_ENVIRONMENT | {name: "https://host.example"})
    assert s3_client(environment).meta.config.s3["addressing_style"] == style


@dataclass
class Shelf:
    """A blob store, and a client that uses a pre-signed PUT."""

    store: BlobStore
    upload: Callable[[Upload, bytes], None]


@pytest.fixture(params=["fake", "s3"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "fake":
        fake = InMemoryBlobStore()

        def accept(upload: Upload, content: bytes) -> None:
            fake.accept_upload(project_id=upload.url.split("/")[-2], content=content)

        return Shelf(store=fake, upload=accept)
    aws: AwsEnvironment = request.getfixturevalue("aws")
    bucket = f"artifacts-{next(_numbers)}"
    outside("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )

    def put(upload: Upload, content: bytes) -> None:
        answer = httpx.put(upload.url, headers=upload.headers, content=content)
        assert answer.status_code == 200

    return Shelf(store=S3BlobStore(aws, bucket), upload=put)


@pytest.mark.req("S4")
@pytest.mark.parametrize("content", [b"", b"text", bytes(range(256)) * 2000])
def test_bytes_come_back_as_they_went_in(shelf: Shelf, content: bytes) -> None:
    digest = shelf.store.put(project_id="default", content=content)
    assert digest == hashlib.sha256(content).digest()
    assert shelf.store.get(project_id="default", sha256=digest) == content
    assert shelf.store.size(project_id="default", sha256=digest) == len(content)


@pytest.mark.req("S4")
def test_the_same_bytes_may_be_put_again(shelf: Shelf) -> None:
    once = shelf.store.put(project_id="default", content=b"same")
    assert shelf.store.put(project_id="default", content=b"same") == once


@pytest.mark.req("O7")
def test_what_one_project_stored_another_cannot_name(shelf: Shelf) -> None:
    digest = shelf.store.put(project_id="default", content=b"ours")
    assert shelf.store.size(project_id="other", sha256=digest) is None
    with pytest.raises(NotFound):
        shelf.store.get(project_id="other", sha256=digest)


@pytest.mark.req("S4")
def test_absent_content_has_no_size_and_is_not_found(shelf: Shelf) -> None:
    assert shelf.store.size(project_id="default", sha256=ABSENT) is None
    with pytest.raises(NotFound):
        shelf.store.get(project_id="default", sha256=ABSENT)


@pytest.mark.req("S4")
def test_a_pre_signed_put_stores_what_was_announced(shelf: Shelf) -> None:
    content = b"a large artifact"
    digest = hashlib.sha256(content).digest()
    upload = shelf.store.presign_put(project_id="default", sha256=digest, size=len(content))
    shelf.upload(upload, content)
    assert shelf.store.get(project_id="default", sha256=digest) == content


@pytest.mark.req("T4")
def test_a_pre_signed_get_reads_what_is_there(aws: AwsEnvironment) -> None:
    place = {"LocationConstraint": REGION}
    outside("s3").create_bucket(Bucket="checkpoints", CreateBucketConfiguration=place)
    store = S3BlobStore(aws, "checkpoints")
    digest = store.put(project_id="default", content=b"work in progress")
    url = store.presign_get(project_id="default", sha256=digest)
    assert httpx.get(url).content == b"work in progress"
    assert httpx.URL(url).params["X-Amz-Expires"] == "900"


@pytest.mark.req("S4")
def test_size_and_checksum_are_part_of_the_pre_signed_signature(aws: AwsEnvironment) -> None:
    store = S3BlobStore(aws, "artifacts")
    upload = store.presign_put(project_id="default", sha256=ABSENT, size=42)
    signed = httpx.URL(upload.url).params["X-Amz-SignedHeaders"].split(";")
    assert {"content-length", "x-amz-checksum-sha256"} <= set(signed)
    assert upload.headers["Content-Length"] == "42"
    assert httpx.URL(upload.url).params["X-Amz-Expires"] == "900"


@pytest.mark.req("S4")
def test_a_missing_bucket_is_unavailable(aws: AwsEnvironment) -> None:
    with pytest.raises(Unavailable):
        S3BlobStore(aws, "absent-bucket").put(project_id="default", content=b"x")


@pytest.mark.req("S4")
def test_a_dead_endpoint_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_MAX_ATTEMPTS": "1",
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Unavailable):
        S3BlobStore(aws_environment(names), "artifacts").size(project_id="p", sha256=ABSENT)


@pytest.mark.req("S4")
def test_each_folder_of_the_bucket_is_a_store_of_its_own(aws: AwsEnvironment) -> None:
    """What S3 removes when it is old is nobody's artifact, though the bytes be equal."""
    bucket = f"artifacts-{next(_numbers)}"
    outside("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    kept, passing = S3BlobStore(aws, bucket), S3BlobStore(aws, bucket, CHECKPOINTS)
    digest = passing.put(project_id="default", content=b"work")
    assert kept.size(project_id="default", sha256=digest) is None
    assert f"/{CHECKPOINTS}/default/" in passing.presign_get(project_id="default", sha256=digest)
