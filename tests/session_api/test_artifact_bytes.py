"""Artifacts of any bytes: in as base64, out as text, base64, raw or by a pre-signed address."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.client.contents import artifact_bytes
from tests.support.session_api import ApiDriver, ApiReply, Json

PNG = b"\x89PNG\r\n\x1a\n\0\0\xff"


def add(driver: ApiDriver, raw: bytes, **fields: object) -> ApiReply:
    session_id = driver.session()
    body = {"name": "a.png", "type": "image", "content_base64": base64.b64encode(raw).decode()}
    return driver.post(f"/v1/sessions/{session_id}/artifacts", {**body, **fields})


def uploaded(driver: ApiDriver, raw: bytes, **fields: object) -> str:
    """An artifact that a run uploaded."""
    driver.task(agent_name="codex")
    run = driver.claim("codex")
    driver.outside.blobs.accept_upload(project_id=driver.project_id, content=raw)
    digest = hashlib.sha256(raw).hexdigest()
    told = run.post("artifacts", {"name": "n", "type": "t", "content_sha256": digest, **fields})
    assert told.status == 200, told.text
    return told.body["artifact_id"]


def raw_of(told: ApiReply) -> bytes:
    return base64.b64decode(told.text)


@pytest.mark.req("S4")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(min_size=1) | st.just(PNG) | st.just(b"text") | st.just(b"nul\0"))
def test_any_bytes_come_out_as_they_went_in(driver: ApiDriver, raw: bytes) -> None:
    added = add(driver, raw, content_type="image/png")
    assert (added.status, added.data["size"]) == (200, len(raw)), added.text
    artifact_id = added.data["artifact_id"]

    shown = driver.get(f"/v1/artifacts/{artifact_id}").data
    download = driver.get(f"/v1/artifacts/{artifact_id}/content")

    assert artifact_bytes(shown) == raw_of(download) == raw
    assert shown["content_type"] == download.headers["Content-Type"] == "image/png"
    assert download.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.req("S4")
@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"content": "both"}, ""),
        ({"content_base64": None}, ""),
        ({"content_base64": "*not base64*"}, "/content_base64"),
        ({"content_type": "text/html\r\nSet-Cookie: a"}, "/content_type"),
    ],
)
def test_anything_but_content_is_refused(driver: ApiDriver, fields: Json, pointer: str) -> None:
    told = add(driver, PNG, **fields)

    assert (told.status, told.body["errors"][0]["pointer"]) == (422, pointer), told.text


@pytest.mark.req("S4")
@pytest.mark.parametrize(
    "raw",
    [b"\xff" * (3 * 1024 * 1024 + 1), b"\x01" * 2_000_000, b"x" * (5 * 1024 * 1024)],
    ids=["large", "escapes", "text"],
)
def test_what_no_answer_holds_is_fetched_by_its_address(driver: ApiDriver, raw: bytes) -> None:
    artifact_id = uploaded(driver, raw, content_type="application/zip")

    shown = driver.get(f"/v1/artifacts/{artifact_id}")

    assert shown.status == 200
    assert shown.data["content"] is None
    assert shown.data["content_url"].startswith("https://blobs.invalid/content/")
    assert shown.data["content_url_expires_at"].endswith("Z")
    download = driver.get(f"/v1/artifacts/{artifact_id}/content")
    if len(raw) > 3 * 1024 * 1024:
        assert (download.status, download.headers["Location"]) == (303, shown.data["content_url"])
    else:
        assert raw_of(download) == raw


@pytest.mark.req("T4")
def test_a_large_output_is_fetched_by_its_address(driver: ApiDriver) -> None:
    task_id = driver.task(agent_name="codex")
    output = {"text": '"' * 1_500_000}
    assert driver.claim("codex").post("complete", {"output": output}).status == 200

    task = driver.get(f"/v1/tasks/{task_id}").data

    assert "output" not in task
    assert task["output_url"].startswith("https://blobs.invalid/")
    assert task["output_size"] == 3_000_011


@pytest.mark.req("S3", "S9")
def test_pages_end_where_an_answer_is_full(driver: ApiDriver) -> None:
    session_id = driver.session()
    driver.task(session_id, agent_name="codex")
    run = driver.claim("codex")
    memories = [{"type": "fact", "content": '"' * 250_000, "key": str(n)} for n in range(14)]
    for part in (memories[:7], memories[7:]):
        run.post("complete", {"output": {}, "memories": part})
        driver.task(session_id, agent_name="codex")
        run = driver.claim("codex")

    seen: list[str] = []
    cursor = ""
    pages = 0
    while cursor is not None:
        told = driver.get(f"/v1/sessions/{session_id}/memories?limit=100{cursor}")
        assert len(told.text) < 5_000_000
        seen += [memory["key"] for memory in told.data["memories"]]
        pages += 1
        more = told.data["next_cursor"]
        cursor = None if more is None else f"&cursor={more}"
    assert (sorted(seen, key=int), pages > 1) == ([str(n) for n in range(14)], True)


AS_BYTES = (
    "image/png",
    "IMAGE/*",
    "application/octet-stream",
    "application/octet-stream, */*",
    "image/png, application/json;q=0.9",
    "text/csv",
    "text/html,image/webp,image/png,*/*;q=0.8",
)
AS_JSON = (
    "*/*",
    "application/*",
    "application/json",
    "application/problem+json",
    "application/json, image/png",
    "image/png;q=0.5, application/json",
    "image/png;q=0, */*",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "",
    " , ;q=x",
)


@pytest.mark.req("S4")
def test_accept_decides_between_json_and_the_bytes(driver: ApiDriver) -> None:
    artifact_id = add(driver, PNG, content_type="image/png").data["artifact_id"]

    for accept in (*AS_BYTES, *AS_JSON):
        told = driver.get(f"/v1/artifacts/{artifact_id}", headers={"Accept": accept})

        assert (told.status, told.headers["Vary"]) == (200, "Accept"), accept
        assert told.headers["X-Content-Type-Options"] == "nosniff"
        if accept in AS_BYTES:
            assert (raw_of(told), told.headers["Content-Type"]) == (PNG, "image/png"), accept
            assert told.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.png"
        else:
            assert told.headers["Content-Type"] == "application/json", accept
            assert artifact_bytes(told.data) == PNG


@pytest.mark.req("S4")
def test_bytes_by_accept_know_the_same_limits_as_json(driver: ApiDriver) -> None:
    large = uploaded(driver, b"\xff" * (3 * 1024 * 1024 + 1), content_type="application/zip")
    small = add(driver, PNG).data["artifact_id"]
    zipped = {"Accept": "application/zip"}

    redirected = driver.get(f"/v1/artifacts/{large}", headers=zipped)
    elsewhere = driver.get(f"/v1/artifacts/{small}?session_id=other", headers=zipped)
    unknown = driver.get(f"/v1/artifacts/{small}?colour=red", headers=zipped)
    of_others = driver.other_project().get(f"/v1/artifacts/{small}", headers=zipped)

    assert redirected.status == 303
    assert redirected.headers["Location"].startswith("https://blobs.invalid/content/")
    assert [t.status for t in (elsewhere, unknown, of_others)] == [404, 422, 404]
    assert of_others.headers["Content-Type"] == "application/problem+json"
