"""Brings the outcome of a run home: artifacts first, then one terminal write, or a hand-back.

Each call is repeated until it is answered: a result that exists must not be lost because the API
was away for a minute. The lease epoch guards every write, so a late one can do no harm.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease import LeaseKeeper
from aiwebhook_runner.log import JsonLog
from aiwebhook_runner.messages import Artifact
from aiwebhook_runner.outcome import Completed, Failed
from aiwebhook_runner.retry import call_until_answered
from aiwebhook_runner.runs_api import ApiRefused, LeasedRun, StoredArtifact
from aiwebhook_runner.transcript import Transcript
from aiwebhook_runner.workspace import UnsafePath, Workspace

MAX_INLINE_BYTES = 4 * 1024 * 1024
"""Lambda takes 6 MB of event; JSON escaping and base64 eat the difference."""
MAX_ARTIFACT_BYTES = 1024 * 1024 * 1024
HASH_BYTES = 1024 * 1024

Answer = TypeVar("Answer")


class Delivery:
    """Raises LeaseLost, or GaveUp once `left_s` says that no time is left."""

    def __init__(
        self,
        api: LeasedRun,
        keeper: LeaseKeeper,
        log: JsonLog,
        *,
        workspace: Workspace,
        left_s: Callable[[], float],
    ) -> None:
        self._api = api
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
        refusal = self._store_artifacts(transcript)
        if isinstance(outcome, Completed):
            if refusal is None:
                refusal = self._complete(outcome, transcript, messages_seen)
            if refusal is None:
                return "completed"
            outcome = Failed(
                error_class=ErrorClass.BAD_OUTPUT,
                message=refusal,
                exit_code=outcome.exit_code,
                usage=outcome.usage,
                output=_kept(outcome.output),
            )
        failed = outcome
        return self._until_answered(lambda: self._api.fail(failed))

    def hand_back(self) -> None:
        """Release the task; it runs again elsewhere."""
        self._until_answered(self._api.release)

    def _complete(
        self, outcome: Completed, transcript: Transcript, messages_seen: int | None
    ) -> str | None:
        """None when accepted, else why not, in a sentence."""
        try:
            self._until_answered(
                lambda: self._api.complete(
                    outcome,
                    transcript.memories,
                    transcript.forget,
                    messages_seen=messages_seen,
                )
            )
        except ApiRefused as exc:
            self._log.warning("result_refused", reason=str(exc))
            return f"The result was refused: {exc}"
        return None

    def _store_artifacts(self, transcript: Transcript) -> str | None:
        for artifact in transcript.artifacts.values():
            try:
                self._store(artifact, transcript.own_files.get(artifact.name))
            except (UnsafePath, ApiRefused) as exc:
                self._log.warning("artifact_refused", name=artifact.name)
                return f"Artifact {artifact.name} was refused: {exc}"
        return None

    def _store(self, artifact: Artifact, own_file: Path | None) -> None:
        path = own_file or self._file_of(artifact)
        size = path.stat().st_size
        if size > MAX_ARTIFACT_BYTES:
            raise UnsafePath(f"it has {size} bytes, more than {MAX_ARTIFACT_BYTES}")
        text = _text_of(path) if size <= MAX_INLINE_BYTES else None
        digest = None if text is not None else self._upload(path, size)
        stored = StoredArtifact(
            name=artifact.name,
            type=artifact.type,
            format=artifact.format,
            metadata=artifact.metadata,
            content=text,
            content_sha256=digest,
        )
        artifact_id = self._until_answered(lambda: self._api.store_artifact(stored))
        self._log.info("artifact_stored", artifact_id=artifact_id, bytes=size)

    def _file_of(self, artifact: Artifact) -> Path:
        if artifact.path is not None:
            return self._workspace.file(artifact.path)
        content = (artifact.content or "").encode("utf-8")
        path = self._workspace.root / f"artifact-{hashlib.sha256(content).hexdigest()}"
        path.write_bytes(content)
        return path

    def _upload(self, path: Path, size: int) -> str:
        """Returns the content hash under which the bytes now lie."""
        digest = _sha256(path)

        def put() -> None:
            # A new URL for each try: the old one may have expired while the API was away.
            self._api.put_upload(self._api.request_upload(sha256=digest, size=size), path)

        self._until_answered(put)
        return digest

    def _until_answered(self, call: Callable[[], Answer]) -> Answer:
        return call_until_answered(call, give_up=self._keeper.lost, within_s=self._left_s)


def _kept(output: JsonObject) -> JsonObject:
    """Of a refused result: where the work lies that was done."""
    return {"workspace": output["workspace"]} if "workspace" in output else {}


def _text_of(path: Path) -> str | None:
    """The content when it is text that JSON and PostgreSQL can hold."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()
