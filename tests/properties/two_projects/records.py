"""Rows of what a project and its sessions hold."""

# ruff: noqa: S608, ISC004, E501  reason: rows of a fixture, made of constants of these files

from __future__ import annotations

from collections.abc import Sequence

from tests.properties.two_projects.project import AHEAD, FAR, Project


def project_rows(project: Project) -> Sequence[str]:
    p, text = project.name, project.text
    return [
        f"INSERT INTO projects VALUES ('{p}', {text}, {FAR})",
        "INSERT INTO api_keys (key_id, project_id, name, prefix, key_hash, scopes, rate_per_minute,"
        f" burst, created_at) VALUES ('key_{p}', '{p}', {text}, 'p', 'hash-{p}', '{{admin}}', 60, 10,"
        f" {FAR})",
        f"INSERT INTO rate_buckets VALUES ('key_{p}', 5, {FAR})",
    ]


def people_rows(project: Project) -> Sequence[str]:
    """Who signs in, and what they allowed."""
    p, text = project.name, project.text
    return [
        "INSERT INTO people (person_id, project_id, name, code_handle, code_salt, code_hash, created_at)"
        f" VALUES ('pers_{p}', '{p}', 'owner', 'AAAA', 'salt-{p}', 'hash-{p}', {FAR})",
        "INSERT INTO connections (connection_id, project_id, person_id, client_id, client_name,"
        " client_host, scopes, resource, redirect_uri, code_challenge, code_hash, code_expires_at,"
        f" code_used_at, created_at) VALUES ('con_{p}', '{p}', 'pers_{p}', 'cli', {text}, {text},"
        f" '{{commands}}', 'r', 'u', 'c', 'code-{p}', {FAR}, {FAR}, {FAR})",
        f"INSERT INTO access_tokens VALUES ('access-{p}', 'con_{p}', {AHEAD})",
        f"INSERT INTO refresh_tokens VALUES ('refresh-{p}', 'con_{p}', {AHEAD})",
        f"INSERT INTO rate_buckets VALUES ('con_{p}', 5, {FAR})",
    ]


def session_rows(project: Project) -> Sequence[str]:
    """Sessions, what was said in them, and who has read how far."""
    p, first, text, own, told = project.name, project.first, project.text, project.own, project.told
    return [
        *(
            "INSERT INTO sessions (project_id, session_id, title, context, last_seq, fingerprint,"
            f" created_at, last_activity_at) VALUES ('{p}', '{s}', {text}, {text},"
            f" {9 if first else 90}, 'f-{p}', {FAR}, {FAR})"
            for s in ("s", "other", own)
        ),
        "INSERT INTO sessions (project_id, session_id, status, last_seq, created_at,"
        f" last_activity_at) VALUES ('{p}', 'paused', 'paused', 1, {FAR}, {FAR})",
        *(
            "INSERT INTO conversation_chunks (project_id, session_id, chunk_id, seq, content, size,"
            f" format, created_at) VALUES ('{p}', 's', '{chunk}', {seq}, {text}, 4, 'text', {FAR})"
            for seq, chunk in enumerate(("c", own), 1)
        ),
        "INSERT INTO conversation_chunks (project_id, session_id, chunk_id, seq, content_sha256, size,"
        f" format, created_at) VALUES ('{p}', 's', 'stored', 9, 'chunk-{p}', 4, 'text', {FAR})",
        *(
            "INSERT INTO readers (project_id, session_id, principal, reader, spent_seq, told) VALUES"
            f" ('{p}', '{session}', 'person', '{reader}', 0, {told})"
            for session, reader in (
                *(("s", reader) for reader in ("", "reader", own)),
                ("other", ""),
            )
        ),
        f"INSERT INTO last_sessions VALUES ('{p}', 'keys', 's', {FAR}), ('{p}', '{own}', 's', {FAR})",
    ]


def memory_rows(project: Project) -> Sequence[str]:
    """What is remembered and kept of them."""
    p, first, text, data, own = project.name, project.first, project.text, project.data, project.own
    return [
        *(
            "INSERT INTO memories (project_id, session_id, key, version, type, content, tags,"
            f" created_at) VALUES ('{p}', 's', '{key}', {version}, '{kind}', {data}, '{{t}}', {FAR})"
            for key, version, kind in (
                ("k", 1 if first else 4, "fact"),
                (own, 1, "fact"),
                ("d", 1, "decision"),
                ("i", 1, "action_item"),
            )
        ),
        *(
            "INSERT INTO artifacts (project_id, artifact_id, session_id, task_id, name, type, content,"
            f" size, created_at) VALUES ('{p}', '{artifact}', 's', 'done', {text}, 'report', {text}, 4,"
            f" {FAR})"
            for artifact in ("art", own)
        ),
        "INSERT INTO artifacts (project_id, artifact_id, session_id, name, type, content_sha256, size,"
        f" created_at) VALUES ('{p}', 'stored', 's', {text}, 'report', 'artifact-{p}', 4, {FAR})",
    ]
