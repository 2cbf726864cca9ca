"""Every comparison of a project in every statement is needed: without it two projects with the same
ids see or change each other. The mutants are made from the files: a new statement is among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import psycopg
import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.properties.two_projects.project import A, B
from tests.properties.two_projects.rows import fill
from tests.properties.two_projects.seen import Seen, run, state
from tests.properties.two_projects.ways import ways_through
from tests.support.postgres import clone

QUERIES = files("aiwebhook.postgres").joinpath("queries")
GUARDS: Mapping[re.Pattern[str], str] = {
    re.compile(r"(?:\w+\.)?project_id = (?:%\(project_id\)s(?:::text)?|\w+\.project_id)"): "true",
    re.compile(
        r"\(\w+\.project_id, (?P<of>\w+\.\w+)\) IN \(\s*SELECT \w+\.project_id, "
    ): r"\g<of> IN (SELECT ",
    re.compile(r"PARTITION BY \w+\.project_id, "): "PARTITION BY ",
}
"""How statements keep projects apart, and what is left when they forget to."""
INCLUDE = re.compile(r"^-- include (\w+)(,?)$", re.MULTILINE)
_ONE_SEQUENCE = "the other id comes from one sequence for all projects"
_ONE_ENDPOINT = "an endpoint's id is unique"
_ONE_KEY = "a key's hash and id are one project's; this compares the cached check"
_ONE_SOURCE = "a source's id is unique"
_ONLY_LOCKS = "it only finds more to lock; what follows asks again"
_PASSED_OVER = "it only says what to pass over while others hold it (functions/test_reaper.py)"
EQUIVALENT: Mapping[str, Mapping[str, str]] = {
    "acknowledge": {
        "6: u.project_id = %(project_id)s": _ONE_SEQUENCE,
        "7: u.project_id = %(project_id)s": _ONE_SEQUENCE,
    },
    "channel_deliveries": {"1: d.project_id = %(project_id)s": "a delivery's id is unique"},
    "delete_session": {"5: deliveries.project_id = %(project_id)s": _ONE_SEQUENCE},
    "end_subscription": {"2: n.project_id = s.project_id": _ONE_SEQUENCE},
    "fail_overdue_tasks": {"1: s.project_id = t.project_id": _PASSED_OVER},
    "feed_held_back": {"0: e.project_id = p.project_id": "the longest of all is asked for"},
    "give_up_told": {
        "0: s.project_id = %(project_id)s": _ONE_ENDPOINT,
        "1: d.project_id = %(project_id)s": _ONE_ENDPOINT,
    },
    "heartbeat_worker": {"1: m.project_id = t.project_id": _PASSED_OVER},
    "keep_bodies": {"0: s.project_id = n.project_id": _ONE_ENDPOINT},
    "list_subscriptions": {"0: d.project_id = %(project_id)s": _ONE_ENDPOINT},
    "recheck_key": {"0: k.project_id = %(project_id)s": _ONE_KEY},
    "recheck_token": {"0: c.project_id = %(project_id)s": _ONE_KEY},
    "prune_inbound_bodies": {"0: s.project_id = %(project_id)s": _ONE_SOURCE},
    "mark_launched": {"0: g.project_id = %(project_id)s": "the attempts found are asked again"},
    "parts/named_attempts": {"0: n.project_id = g.project_id": _ONE_SEQUENCE},
    "prune_events": {
        "3: d.project_id = %(project_id)s": _ONE_SEQUENCE,
        "4: e.project_id = %(project_id)s": _ONE_SEQUENCE,
        "5: u.project_id = %(project_id)s": _ONE_SEQUENCE,
    },
    "release_stale_tasks": {"1: s.project_id = t.project_id": _PASSED_OVER},
    "settle": {"1: u.project_id = %(project_id)s": _ONE_SEQUENCE},
    "settle_delivery": {"0: other.project_id = settled.project_id": _ONE_ENDPOINT},
    "start_run": {
        "0: a.project_id = g.project_id": "every project is asked",
        "6: r.project_id = h.project_id": "one run is named, so that both hold the one row",
    },
    "subscribed_deliveries": {
        "0: n.project_id = d.project_id": _ONE_ENDPOINT,
        "4: p.project_id = d.project_id": _ONE_ENDPOINT,
        "5: n.project_id = o.project_id": _ONE_SEQUENCE,
        "6: o.project_id = ev.project_id": _ONE_ENDPOINT,
    },
    "parts/give_up_waiting": {"0: d.project_id = s.project_id": _ONE_ENDPOINT},
    "resolve_dependants": {
        "2: d.project_id = e.project_id": _ONLY_LOCKS,
        "3: m.project_id = t.project_id": _PASSED_OVER,
        "4: s.project_id = t.project_id": _PASSED_OVER,
        "10: (t.project_id, t.task_id) IN ( SELECT d.project_id,": _ONLY_LOCKS,
    },
}
"""Guards without which nothing else can be seen or changed, and why. They stay: a second lock."""


def texts_in(folder: Traversable) -> dict[str, str]:
    """The statements or parts of a folder by name."""
    return {
        item.name.removesuffix(".sql"): item.read_text("utf-8")
        for item in folder.iterdir()
        if item.name.endswith(".sql")
    }


STATEMENTS, PARTS = texts_in(QUERIES), texts_in(QUERIES.joinpath("parts"))
FILES = {**STATEMENTS, **{f"parts/{name}": text for name, text in PARTS.items()}}
NAMING = sorted(name for name, text in FILES.items() if any(guard.search(text) for guard in GUARDS))


def whole(
    name: str, parts: Mapping[str, str] = PARTS, statements: Mapping[str, str] = STATEMENTS
) -> str:
    """A statement with its parts put in."""
    return INCLUDE.sub(lambda match: parts[match[1]].rstrip() + match[2], statements[name])


def mutants_of(name: str) -> Iterator[tuple[str, str]]:
    """The number of each guard with its text, and the file without it."""
    text = FILES[name]
    found = [(guard, left) for kind, left in GUARDS.items() for guard in kind.finditer(text)]
    for number, (guard, left) in enumerate(found):
        without = f"{text[: guard.start()]}{guard.expand(left)}{text[guard.end() :]}"
        yield f"{number}: {' '.join(guard[0].split())}", without


def users_of(name: str) -> list[str]:
    """The statements a file is in."""
    folder, _, part = name.rpartition("/")
    if not folder:
        return [name]
    return [other for other, text in STATEMENTS.items() if part in dict(INCLUDE.findall(text))]


def broken(user: str, name: str, text: str) -> str:
    """The statement `user` with the file `name` replaced."""
    folder, _, part = name.rpartition("/")
    if not folder:
        return whole(user, statements={**STATEMENTS, name: text})
    return whole(user, parts={**PARTS, part: text})


@pytest.fixture(scope="module")
def two_projects(
    postgres_server: EmbeddedPostgres, migrated_template: str
) -> Iterator[psycopg.Connection[Any]]:
    with (
        clone(postgres_server, migrated_template, "two_projects") as dsn,
        psycopg.connect(dsn, autocommit=True, options="-c timezone=UTC") as connection,
    ):
        fill(connection)
        yield connection


@pytest.mark.req("O7")
def test_both_projects_have_rows_in_every_table(two_projects: psycopg.Connection[Any]) -> None:
    tables = two_projects.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'project_id'"
    ).fetchall()
    rows = state(two_projects)
    for (table,) in tables:
        for project in (A, B):
            assert any(
                row.startswith(f"{table}{{") and f'"project_id": "{project}"' in row for row in rows
            ), (table, project)


@pytest.mark.req("O7")
@pytest.mark.parametrize("name", sorted(set(STATEMENTS) & set(NAMING)))
def test_no_statement_shows_or_changes_another_project(
    two_projects: psycopg.Connection[Any], name: str
) -> None:
    text = whole(name)
    if "%(project_id)s" not in text:
        return  # the reaper's: for all projects, each by itself
    before = state(two_projects)
    for way in ways_through(name, text):
        if way["project_id"] != A or B in (way.get("project_ids") or ()):
            continue
        seen = run(two_projects, text, way)
        if isinstance(seen, Seen):
            assert f"of {B}" not in seen.answer, way
            assert f"only_{B}" in way.values() or f"only_{B}" not in seen.answer, way
            assert not [row for row in seen.left ^ before if f'"project_id": "{B}"' in row], way


@pytest.mark.mutants
@pytest.mark.req("O7")
@pytest.mark.parametrize("name", NAMING)
def test_no_statement_can_do_without_its_project(
    two_projects: psycopg.Connection[Any], name: str
) -> None:
    left = dict(mutants_of(name))
    of_no_use = EQUIVALENT.get(name, {})
    for user in users_of(name):
        text = whole(user)
        for way in ways_through(user, text):
            seen = run(two_projects, text, way)
            left = {
                guard: mutant
                for guard, mutant in left.items()
                if run(two_projects, broken(user, name, mutant), way) == seen
            }
    assert set(left) == set(of_no_use), "see how two_projects could tell, or why nobody can"
