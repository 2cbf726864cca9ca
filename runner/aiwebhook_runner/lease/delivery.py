"""Delivers the outcome of a run: artifacts first, then one terminal write, or a release.

Each call is repeated until it is answered: a result must not be lost because the API was
unavailable for a minute. The lease epoch guards every write, so a late one can do no harm.
"""

import hashlib
import mimetypes
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from aiwebhook.client import Run
from aiwebhook.client.contents import put
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.notes import Notes
from aiwebhook.domain.repair import json_bytes
from aiwebhook.domain.run_report import repair_artifact
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.lease.lease_keeper import LeaseKeeper
from aiwebhook_runner.lease.retry import RequestRefused, call_until_answered
from aiwebhook_runner.lease.terminal_write import report_of, small_enough
from aiwebhook_runner.output.messages import Artifact
from aiwebhook_runner.output.outcome import Completed, Failed
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.process.workspace import UnsafePath, Workspace

MAX_INLINE_BYTES = 4 * 1024 * 1024
"""Lambda takes 6 MB per event; JSON escaping and base64 use up the difference."""
MAX_ARTIFACT_BYTES = 1024 * 1024 * 1024
HASH_BYTES = 1024 * 1024

Answer = TypeVar("Answer")


class Delivery:
    """Raises LeaseLost, or GaveUp when `left_s` says that no time is left."""

    def __init__(
        self,
        lease: Run,
        keeper: LeaseKeeper,
        log: JsonLog,
        *,
        workspace: Workspace,
        left_s: Callable[[], float],
    ) -> None:
        self._lease = lease
        self._keeper = keeper
        self._log = log
        self._workspace = workspace
        self._left_s = left_s

    def record(
        self,
        outcome: Completed | Failed,
        transcript: Transcript,
        *,
        messages_seen: int | None = None,
    ) -> str:
        """Returns the task's status after the write. Raises MessagesWaiting."""
        notes = Notes(transcript.notes.taken())
        self._store_artifacts(transcript, notes)
        body = report_of(outcome, transcript, messages_seen=messages_seen, notes=notes)
        body = small_enough(body, notes, partial(self._keep_whole, notes))
        if isinstance(outcome, Failed):
            return self._fail(body)
        try:
            return self._until_answered(lambda: self._lease.report("complete", body))
        except RequestRefused as exc:
            # A current server accepts any report; an older one may not.
            self._log.warning("result_refused", reason=str(exc))
            return self._fail(
                {
                    "error_class": ErrorClass.BAD_OUTPUT.value,
                    "message": f"The result was refused: {exc}",
                    **{n: body[n] for n in ("exit_code", "usage", "output") if n in body},
                }
            )

    def hand_back(self) -> None:
        """Release the task; it runs again elsewhere."""
        self._until_answered(self._lease.release)

    def _fail(self, body: JsonObject) -> str:
        try:
            return self._until_answered(lambda: self._lease.report("fail", body))
        except RequestRefused as exc:
            # A failure without its output is better than a run taken for lost.
            self._log.warning("report_refused", reason=str(exc))
            known = ("error_class", "message", "remedy", "retryable")
            least = {name: body[name] for name in known if name in body}
            return self._until_answered(lambda: self._lease.report("fail", least))

    def _store_artifacts(self, transcript: Transcript, notes: Notes) -> None:
        for index, artifact in enumerate(transcript.artifacts.values()):
            own_file = transcript.own_files.get(artifact.name)
            self._store_or_note(artifact, own_file, f"/artifacts/{index}", notes)

    def _keep_whole(self, notes: Notes, name: str, value: object) -> bool:
        """Store what does not fit into the report as an artifact."""
        path = self._workspace.root / f"whole-{name}"
        path.write_bytes(encode(value))
        artifact = Artifact(name=name, type="report", format="json")
        return self._store_or_note(artifact, path, "/artifacts", notes)

    def _store_or_note(
        self, artifact: Artifact, own_file: Path | None, pointer: str, notes: Notes
    ) -> bool:
        """An artifact that cannot be read does not cost the result: it is left out, and noted."""
        try:
            self._store(artifact, own_file, pointer, notes)
        except (RequestRefused, OSError, ValueError) as exc:
            self._log.warning("artifact_left_out", name=artifact.name)
            notes.add(pointer, f"was left out ({artifact.name:.80}): {exc}")
            return False
        return True

    def _store(self, artifact: Artifact, own_file: Path | None, pointer: str, notes: Notes) -> None:
        path = own_file or self._file_of(artifact)
        size = path.stat().st_size
        if size > MAX_ARTIFACT_BYTES:
            raise UnsafePath(f"it has {size} bytes, more than {MAX_ARTIFACT_BYTES}")
        text = _text_of(path) if size <= MAX_INLINE_BYTES else None
        digest = None if text is not None else self._upload(path, size)
        changed = Notes()
        given = {
            "name": artifact.name,
            "type": artifact.type,
            "format": artifact.format,
            "metadata": artifact.metadata,
            "content_type": _media_type(artifact.name),
        }
        repaired = repair_artifact(given, changed)
        notes.extend(changed.taken(), below=pointer)
        body = {name: value for name, value in repaired.items() if value not in (None, {})}
        artifact_id = self._until_answered(
            lambda: self._lease.add_artifact(**body, content=text, content_sha256=digest)
        )
        self._log.info("artifact_stored", artifact_id=artifact_id, bytes=size)

    def _file_of(self, artifact: Artifact) -> Path:
        if artifact.path is not None:
            return self._workspace.file(artifact.path)
        content = (artifact.content or "").encode("utf-8")
        path = self._workspace.root / f"artifact-{hashlib.sha256(content).hexdigest()}"
        path.write_bytes(content)
        return path

    def _upload(self, path: Path, size: int) -> str:
        """Returns the content hash of the uploaded bytes."""
        digest = _sha256(path)

        def upload() -> None:
            # A new URL for each try: the old one may have expired while the API was unavailable.
            put(self._lease.request_upload(sha256=digest, size=size), path)

        self._until_answered(upload)
        return digest

    def _until_answered(self, call: Callable[[], Answer]) -> Answer:
        return call_until_answered(call, give_up=self._keeper.lost, within_s=self._left_s)


def _media_type(name: str) -> str | None:
    """By the name's extension; a compressed file has none of these."""
    media, encoding = mimetypes.guess_type(name)
    return None if encoding else media


def _text_of(path: Path) -> str | None:
    """The content if PostgreSQL can store it as text and it fits, escaped as JSON,
    into one request.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in text or json_bytes(text) > MAX_INLINE_BYTES:
        return None
    return text


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()
