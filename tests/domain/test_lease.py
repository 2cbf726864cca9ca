"""Bootstrap codes and lease tokens: ours are accepted, everything else is refused with
a typed error.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.lease import LeaseKeys, RunLease
from aiwebhook.errors import Forbidden, Unauthorized

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = LeaseKeys("a master key")
OTHER_KEYS = LeaseKeys("another master key")


def any_lease(task_id: str = "task_1", lease_epoch: int = 3) -> RunLease:
    return RunLease(project_id="default", task_id=task_id, lease_epoch=lease_epoch)


@pytest.mark.req("T7")
def test_a_lease_token_names_its_lease_until_it_expires() -> None:
    token = KEYS.lease_token(any_lease(), NOW + timedelta(seconds=60))
    assert KEYS.verify_lease_token(token, NOW + timedelta(seconds=59)) == any_lease()
    with pytest.raises(Unauthorized, match="expired"):
        KEYS.verify_lease_token(token, NOW + timedelta(seconds=60))


@pytest.mark.req("T7")
def test_a_token_of_another_installation_is_refused() -> None:
    with pytest.raises(Unauthorized):
        KEYS.verify_lease_token(OTHER_KEYS.lease_token(any_lease(), NOW + timedelta(hours=1)), NOW)


def test_a_bootstrap_code_is_the_same_for_the_same_attempt_and_names_it() -> None:
    assert KEYS.bootstrap_code("att_1") == KEYS.bootstrap_code("att_1")
    assert KEYS.verify_bootstrap_code(KEYS.bootstrap_code("att_1")) == "att_1"
    with pytest.raises(Forbidden):
        KEYS.verify_bootstrap_code(OTHER_KEYS.bootstrap_code("att_1"))


def test_neither_proof_passes_for_the_other() -> None:
    with pytest.raises(Unauthorized):
        KEYS.verify_lease_token(KEYS.bootstrap_code("att_1"), NOW)
    with pytest.raises(Forbidden):
        KEYS.verify_bootstrap_code(KEYS.lease_token(any_lease(), NOW + timedelta(hours=1)))


def test_the_repr_shows_no_key() -> None:
    assert repr(KEYS) == "LeaseKeys(…)"


@given(st.text() | st.from_regex(r"lt1\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"))
def test_anything_else_is_refused_with_a_typed_error(text: str) -> None:
    with pytest.raises(Unauthorized):
        KEYS.verify_lease_token(text, NOW)
    with pytest.raises(Forbidden):
        KEYS.verify_bootstrap_code(text)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_token_with_one_byte_changed_is_refused(position: int, flip: int) -> None:
    token = bytearray(KEYS.lease_token(any_lease(), NOW + timedelta(hours=1)).encode())
    token[position % len(token)] ^= flip
    with pytest.raises(Unauthorized):
        KEYS.verify_lease_token(token.decode("utf-8", "replace"), NOW)
