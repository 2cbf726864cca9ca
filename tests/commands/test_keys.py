"""API keys: shown once, kept as a hash; listed, rotated, revoked, with an audit trail."""

from __future__ import annotations

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.identity import Scope, hash_of_key
from aiwebhook.errors import Invalid, NotFound
from aiwebhook.usecases.ensure_project import ensure_project
from aiwebhook.usecases.keys import KeyOrder, create_key, list_keys, revoke_key, rotate_key
from tests.support.commands import CommandDriver


def audit(driver: CommandDriver) -> list[tuple[str, str]]:
    """(action, subject), oldest first."""
    rows = driver.sql(
        "SELECT action, subject FROM audit_log WHERE project_id = %(project_id)s ORDER BY audit_no"
    )
    return [(row["action"], row["subject"]) for row in rows]


@pytest.mark.req("O7")
def test_a_key_is_shown_once_and_kept_as_a_hash(driver: CommandDriver) -> None:
    order = KeyOrder(name="phone", scopes=(Scope.COMMANDS,), cidrs=("203.0.113.0/24",))
    made = create_key(driver.access, order, project_id=driver.project_id, actor="cli")
    assert made.key.startswith("aiw_")
    assert len(made.key) == 47
    assert made.key not in repr(made)
    row = driver.sql("SELECT * FROM api_keys WHERE key_id = %(id)s", id=made.row.key_id)[0]
    assert bytes(row["key_hash"]) == hash_of_key(made.key)
    assert made.key not in str(row)
    assert row["prefix"] == made.key[:12]
    assert audit(driver)[-1] == ("key.created", made.row.key_id)
    assert list_keys(driver.access, project_id=driver.project_id)[0] == made.row


@pytest.mark.req("O7")
def test_a_rotated_key_overlaps_with_its_successor(driver: CommandDriver) -> None:
    made = rotate_key(
        driver.access,
        project_id=driver.project_id,
        key_id=driver.key.row.key_id,
        actor="cli",
        overlap_s=3600,
    )
    assert (made.row.name, made.row.scopes) == (driver.key.row.name, driver.key.row.scopes)
    assert made.row.expires_at is None
    old = next(
        row
        for row in list_keys(driver.access, project_id=driver.project_id)
        if row.key_id == driver.key.row.key_id
    )
    assert old.expires_at is not None
    assert audit(driver)[-1] == ("key.rotated", made.row.key_id)


@pytest.mark.req("O7")
def test_revoking_twice_leaves_one_audit_entry(driver: CommandDriver) -> None:
    key_id = driver.key.row.key_id
    for _ in range(2):
        row = revoke_key(driver.access, project_id=driver.project_id, key_id=key_id, actor="cli")
        assert row.revoked_at is not None
    assert [action for action, _ in audit(driver)].count("key.revoked") == 1
    with pytest.raises(NotFound):
        rotate_key(driver.access, project_id=driver.project_id, key_id=key_id, actor="cli")


@pytest.mark.req("O7")
def test_the_key_of_another_project_is_not_found(
    driver: CommandDriver, stranger: CommandDriver
) -> None:
    theirs = stranger.key.row.key_id
    for change in (revoke_key, rotate_key):
        with pytest.raises(NotFound):
            change(driver.access, project_id=driver.project_id, key_id=theirs, actor="cli")


@pytest.mark.req("O7")
@pytest.mark.parametrize(
    "order",
    [
        KeyOrder(name=""),
        KeyOrder(name="x" * 101),
        KeyOrder(name="n", scopes=()),
        KeyOrder(name="n", cidrs=("10.0.0.1/8",)),
        KeyOrder(name="n", cidrs=("everywhere",)),
        KeyOrder(name="n", rate_per_minute=0),
        KeyOrder(name="n", burst=2_000_000),
    ],
)
def test_a_key_that_breaks_a_rule_is_not_made(driver: CommandDriver, order: KeyOrder) -> None:
    with pytest.raises(Invalid):
        create_key(driver.access, order, project_id=driver.project_id, actor="cli")


@pytest.mark.req("O7", "T5")
def test_a_project_is_made_once_with_the_built_in_agents(driver: CommandDriver) -> None:
    assert ensure_project(driver.access, f"{driver.project_id}-b")
    assert not ensure_project(driver.access, f"{driver.project_id}-b")
    rows = driver.sql("SELECT agent_name, status FROM agents WHERE project_id = %(project_id)s")
    assert {row["agent_name"]: row["status"] for row in rows} == {
        name: "offline" if name == "local" else "available" for name in built_in_manifests()
    }
