"""The `ArtifactStore` port on a folder: an artifact is its file, byte for byte, and what its meta
file says of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from aiwebhook.domain.event import EventType
from aiwebhook.json_store.session_content import content_of, inner_path
from aiwebhook.json_store.store_base import PROJECT_ID, Happened
from aiwebhook.json_store.stored_session import StoredSession, file_of, time_in
from aiwebhook.json_store.task_records import JsonTaskRecords
from aiwebhook.ports.command_rows import Change, NewArtifact, Page, Written
from aiwebhook.ports.content_rows import ArtifactListing, ArtifactRow
from aiwebhook.session_folder.earlier_format import META, artifact_told
from aiwebhook.session_folder.folder_item import reckoned_id, wire_id
from aiwebhook.session_folder.session_files import RefusedFileError

Json = dict[str, Any]
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArtifact:
    """An artifact and where its bytes are."""

    path: str
    listing: ArtifactListing


class JsonArtifactStore(JsonTaskRecords):
    """Artifacts. Their ids are those of the project: the first of two with the same id, by session,
    has it, and the others get one that is reckoned from their place.
    """

    def add_artifact(self, change: Change, artifact: NewArtifact) -> Written | None:
        """Add; None when the session accepts nothing, or the artifact id is taken."""

        def write() -> Written | None:
            session = self._open_session(change)
            if session is None or self._artifact(artifact.artifact_id) is not None:
                return None
            if artifact.task_id is not None and self._task(artifact.task_id) is None:
                return None
            data: Json = {
                "artifact_id": artifact.artifact_id,
                "name": artifact.name,
                "type": artifact.type,
                "format": artifact.format,
                "size": artifact.content.size,
            }
            happened = Happened(
                type=EventType.ARTIFACT_CREATED, data=data, task_id=artifact.task_id
            )
            seq = self._record(change, session, happened)
            self._put_artifact(change, session, artifact, data)
            return Written(data=data, cursor=seq)

        return self._once(change, write)

    def _put_artifact(
        self, change: Change, session: StoredSession, artifact: NewArtifact, data: Json
    ) -> None:
        folder = f"{session.folder}/artifacts"
        suffix = PurePosixPath(artifact.name).suffix
        suffix = suffix if _EXTENSION.fullmatch(suffix) else ".bin"
        stem = artifact.artifact_id
        taken = {name.lower() for name in self._folder.names(folder)}
        if {f"{stem}{suffix}".lower(), f"{stem}{META}".lower()} & taken or stem.endswith("_meta"):
            stem = reckoned_id("art", artifact.artifact_id)
        meta = {
            **data,
            "task_id": artifact.task_id,
            "content_type": artifact.content_type,
            "metadata": artifact.metadata,
            "created_at": self._clock().isoformat(),
        }
        self._folder.put(f"{folder}/{stem}{suffix}", self._bytes(change, artifact.content))
        self._folder.put(f"{folder}/{stem}{META}", file_of(meta))
        self._seen_artifacts[artifact.artifact_id] = f"{folder}/{stem}{suffix}"

    def find_artifact(self, *, project_id: str, artifact_id: str) -> ArtifactRow | None:
        """One artifact, with content or content_sha256."""
        with self._folder.reading():
            found = self._artifact(artifact_id) if project_id == PROJECT_ID else None
            raw = None if found is None else self._artifact_bytes(found.path)
        if found is None or raw is None:
            return None
        content = content_of(raw)
        if content.sha256 is not None:
            path = found.path
            self._blobs.remember(content.sha256, lambda: self._read_bytes(path))
        told = found.listing
        return ArtifactRow(
            artifact_id=told.artifact_id,
            session_id=told.session_id,
            task_id=told.task_id,
            name=told.name,
            type=told.type,
            format=told.format,
            size=content.size,
            content_type=told.content_type,
            metadata=told.metadata,
            created_at=told.created_at,
            content=content.text,
            content_sha256=content.sha256,
        )

    def _read_bytes(self, path: str) -> bytes | None:
        with self._folder.reading():
            return self._artifact_bytes(path)

    def _artifact_bytes(self, path: str) -> bytes | None:
        try:
            return self._folder.read(path)
        except RefusedFileError as exc:
            self._folder.skip(path, str(exc))
            return None

    def list_artifacts(
        self,
        *,
        project_id: str,
        session_id: str | None,
        artifact_type: str | None,
        task_id: str | None,
        page: Page,
    ) -> list[ArtifactListing]:
        """Artifacts, newest first, without content."""
        if project_id != PROJECT_ID:
            return []
        with self._folder.reading():
            kept = self._all_artifacts()
        fitting = [
            each.listing
            for each in kept.values()
            if (session_id is None or each.listing.session_id == session_id)
            and (artifact_type is None or each.listing.type == artifact_type)
            and (task_id is None or each.listing.task_id == task_id)
            and (page.after is None or _place(each.listing) < page.after)
        ]
        return sorted(fitting, key=_place, reverse=True)[: page.limit]

    def _artifact(self, artifact_id: str) -> KeptArtifact | None:
        """Where it was seen last, else wherever it is. Of two with the same id the one that was
        seen keeps it until it is gone.
        """
        seen = self._at(self._seen_artifacts.get(artifact_id), artifact_id)
        return seen or self._all_artifacts().get(artifact_id)

    def _at(self, path: str | None, artifact_id: str) -> KeptArtifact | None:
        """None unless the file is there, of a session that is, and says this id still."""
        if path is None or self._folder.stamp(path) is None:
            return None
        session = self._sessions.in_folder(path.partition("/")[0])
        found = None if session is None else self._kept(session, path)
        return found if found is not None and found.listing.artifact_id == artifact_id else None

    def _all_artifacts(self) -> dict[str, KeptArtifact]:
        found: dict[str, KeptArtifact] = {}
        seen: dict[str, str] = {}
        for session in sorted(self._sessions.all(), key=lambda each: each.folder):
            for artifact in self._artifacts_of(session):
                artifact_id = artifact.listing.artifact_id
                if artifact_id in found:
                    artifact_id = reckoned_id(
                        "art", session.session_id, str(inner_path(artifact.path))
                    )
                else:
                    seen[artifact_id] = artifact.path
                listing = replace(artifact.listing, artifact_id=artifact_id)
                found[artifact_id] = replace(artifact, listing=listing)
        self._seen_artifacts = seen
        return found

    def _artifacts_of(self, session: StoredSession) -> list[KeptArtifact]:
        folder = f"{session.folder}/artifacts"
        found = [self._kept(session, f"{folder}/{name}") for name in self._folder.names(folder)]
        return [artifact for artifact in found if artifact is not None]

    def _kept(self, session: StoredSession, path: str) -> KeptArtifact | None:
        place = inner_path(path)
        if place.name.endswith(META):
            return None
        meta = self._metas.get(f"{session.folder}/artifacts/{place.stem}{META}") or {}
        fields = artifact_told(meta, place)
        told, task_id = meta.get("artifact_id"), meta.get("task_id")
        stamp = self._folder.stamp(path)
        written = self._clock() if stamp is None else _moment(stamp.changed_ns)
        own = told if isinstance(told, str) else place.stem
        return KeptArtifact(
            path=path,
            listing=ArtifactListing(
                artifact_id=wire_id(own, "art", session.session_id),
                session_id=session.session_id,
                task_id=task_id if isinstance(task_id, str) else None,
                size=self._folder.size(path),
                created_at=time_in(meta, "created_at", "timestamp") or written,
                **fields,
            ),
        )


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC)


def _place(listing: ArtifactListing) -> tuple[datetime, str]:
    return listing.created_at, listing.artifact_id
