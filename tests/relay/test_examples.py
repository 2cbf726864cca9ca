"""GitHub's examples, and JSON as odd as it comes: posted signed, read back byte for byte.

The examples are npm's: `make test-relay` installs them, and has them all; without them the tests
of `make test` have the odd bodies only.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from aiwebhook.domain.inbound_payload import FORM
from aiwebhook_cli.main import run_command_line
from tests.relay.conftest import SECRETS, RelayClient
from tests.support.github_examples import EDITIONS, FOLDER, MEDIA, GithubExample, github_examples
from tests.support.http_front import HttpFront
from tests.support.odd_bodies import ODD_BODIES
from tests.support.senders import mac
from tests.support.session_api import ApiDriver, session_api_handler

pytestmark = pytest.mark.req("W4")
SEED = int(os.environ.get("RELAY_SEED") or 7)  # noqa: TID251 the edge
needs_examples = pytest.mark.skipif(not FOLDER.exists(), reason="`make test-relay` installs them")
each_media = pytest.mark.parametrize("media", MEDIA)


@pytest.fixture
def api(relay: RelayClient) -> Iterator[ApiDriver]:
    """Who reads what the relay's project received."""
    driver = ApiDriver(relay.driver.dsn, project_id=relay.driver.project_id)
    yield driver
    driver.outside.close()


class _ContentOnly(io.TextIOWrapper):
    """Standard output of the command line: what the server in this process prints is left out."""

    def write(self, text: str, /) -> int:
        return len(text)


class BodyCommand:
    """`aiwebhook deliveries body`, in this process."""

    def __init__(self, api: ApiDriver, url: str, home: Path, patch: pytest.MonkeyPatch) -> None:
        for name in ("AIWEBHOOK_PROFILE", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        patch.setenv("AIWEBHOOK_HOME", str(home / ".local"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("AIWEBHOOK_URL", url)
        patch.setenv("AIWEBHOOK_API_KEY", api.key)

    def __call__(self, delivery_id: str) -> bytes:
        """What it writes into a pipe."""
        written = io.BytesIO()
        with redirect_stdout(_ContentOnly(written)) as stdout:
            code = run_command_line(("deliveries", "body", delivery_id))
            stdout.flush()
            assert code == 0
            return written.getvalue()


@pytest.fixture
def body_command(
    api: ApiDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BodyCommand]:
    """The command line in front of what `api` reads."""
    with HttpFront(session_api=lambda: session_api_handler(api.dsn, api.outside)) as front:
        yield BodyCommand(api, front.url, tmp_path, monkeypatch)


def deliver(relay: RelayClient, body: bytes, media: str, event: str) -> str:
    """The id of a signed delivery that was accepted."""
    headers = {
        "Content-Type": media,
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": f"sha256={mac(SECRETS[0], body).hex()}",
    }
    answer = relay.post(body, key=None, headers=headers)
    assert answer.status == 202, (event, answer.body)
    return answer.body["delivery_id"]


def post_and_read(
    relay: RelayClient,
    api: ApiDriver,
    body_command: BodyCommand,
    examples: Iterable[GithubExample],
    media: str,
) -> int:
    """How many came out as they went in, by API and command line, and told what they are about."""
    count = 0
    for example in examples:
        body = example.body(media)
        delivery_id = deliver(relay, body, media, example.event)
        shown = api.get(f"/v1/inbound/{delivery_id}").body
        raw = api.get(f"/v1/inbound/{delivery_id}/body")

        assert base64.b64decode(raw.text) == body
        assert body_command(delivery_id) == body
        assert base64.b64decode(shown["body_base64"]) == body
        assert shown["body_sha256"] == hashlib.sha256(body).hexdigest()
        assert (shown["event"], shown["headers"]["content-type"]) == (example.event, media)
        assert (shown["action"], shown["repository"]) == (example.action, example.repository)
        count += 1
    return count


@needs_examples
@each_media
def test_forty_examples_of_github_are_read_back_exactly(
    relay: RelayClient, api: ApiDriver, body_command: BodyCommand, media: str
) -> None:
    chosen = random.Random(SEED).sample(github_examples("api.github.com"), 40)
    assert post_and_read(relay, api, body_command, chosen, media) == 40


@pytest.mark.slow
@needs_examples
@each_media
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_example_of_github_is_read_back_exactly(
    relay: RelayClient, api: ApiDriver, body_command: BodyCommand, edition: str, media: str
) -> None:
    count = post_and_read(relay, api, body_command, github_examples(edition), media)
    assert count == EDITIONS[edition]


@each_media
@pytest.mark.parametrize("number", range(len(ODD_BODIES)))
def test_an_odd_body_is_accepted_and_read_back_exactly(
    relay: RelayClient, api: ApiDriver, body_command: BodyCommand, number: int, media: str
) -> None:
    body = ODD_BODIES[number]
    delivery_id = deliver(relay, body, media, "push")
    assert body_command(delivery_id) == body
    assert base64.b64decode(api.get(f"/v1/inbound/{delivery_id}/body").text) == body


def test_the_command_line_writes_the_exact_bytes_into_a_pipe(
    relay: RelayClient, api: ApiDriver, tmp_path: Path
) -> None:
    chosen = random.Random(SEED).sample(ODD_BODIES, 3)
    sent = [(body, MEDIA[0]) for body in chosen]
    if FOLDER.exists():
        sent.append((random.Random(SEED).choice(github_examples("ghes-35")).body(FORM), FORM))
    with HttpFront(session_api=lambda: session_api_handler(api.dsn, api.outside)) as front:
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "AIWEBHOOK_HOME": str(tmp_path / ".local"),
            "AIWEBHOOK_URL": front.url,
            "AIWEBHOOK_API_KEY": api.key,
        }
        for body, media in sent:
            delivery_id = deliver(relay, body, media, "push")
            command = [sys.executable, "-m", "aiwebhook_cli", "deliveries", "body", delivery_id]
            done = subprocess.run(
                command, env=environment, capture_output=True, timeout=60, check=False
            )
            assert (done.returncode, done.stdout) == (0, body), done.stderr
