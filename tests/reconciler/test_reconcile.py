# reason: one behaviour, and a test for each way in which it can go wrong
"""What GitHub could not deliver comes after all: once, and in its exact bytes if it can be sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from aiwebhook.domain.github_app import app_token
from aiwebhook.usecases.reconcile import ASKS_PER_PASS, reconcile_due
from tests.reconciler.conftest import Reconciler, large
from tests.support.github_api import TOKEN, Refusal
from tests.support.rsa_keys import rsa_pem
from tests.support.senders import source_services
from tests.support.session_api import MASTER_KEY

pytestmark = pytest.mark.req("W7")


def times(count: int) -> Callable[[], bool]:
    """There is time so often."""
    left = iter([True] * count)
    return lambda: next(left, False)


@pytest.mark.parametrize("status", [500, 503, 403, 0])
def test_what_never_arrived_comes_again_with_its_guid_and_its_bytes(
    reconciler: Reconciler, status: int
) -> None:
    body = b'{ "odd" :1.0,"white":  "space" }\r\n'
    reconciler.github.send("arrived")
    reconciler.lost_while(status, "lost", body=body)
    reconciler.begin()

    report = reconciler.tick()
    later = reconciler.tick()

    assert (report.listed, report.missed, report.asked) == (2, 1, 1)
    assert (later.missed, later.asked, later.recovered) == (0, 0, 1)
    assert reconciler.github.asked() == ["lost"]
    rows = {row["guid"]: row for row in reconciler.relay.rows()}
    assert bytes(rows["lost"]["body"]) == body
    assert {row["verified_by"] for row in rows.values()} == {"source"}
    assert reconciler.row().missing == 0


def test_github_is_not_asked_for_what_is_here_though_github_thinks_otherwise(
    reconciler: Reconciler,
) -> None:
    reconciler.github.send("here")
    reconciler.github.attempts[-1].status_code = 504
    reconciler.begin()
    assert reconciler.tick().missed == 0


def test_what_github_delivered_at_a_later_attempt_is_not_asked_for(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, "again")
    reconciler.github.send("again", age_s=90)
    reconciler.driver.sql("DELETE FROM inbound_deliveries WHERE project_id = %(project_id)s")
    reconciler.begin()
    assert reconciler.tick().missed == 0


def test_the_guid_of_another_hook_is_another_delivery(reconciler: Reconciler) -> None:
    reconciler.relay.hook_id = "4712"
    reconciler.github.send("shared")
    reconciler.github.attempts.clear()
    reconciler.relay.hook_id = "4711"
    reconciler.lost_while(500, "shared")
    reconciler.begin()

    assert reconciler.tick().asked == 1
    assert {row["hook_id"] for row in reconciler.relay.rows()} == {"4711", "4712"}


def test_it_is_asked_for_again_only_after_a_while_and_ever_more_rarely(
    reconciler: Reconciler,
) -> None:
    reconciler.lost_while(500, "stubborn")
    reconciler.begin()
    reconciler.relay.status = 500

    asked: list[int] = []
    for _ in range(24):
        reconciler.tick()
        asked.append(len(reconciler.github.asked()))
        reconciler.pass_time(minutes=5)
    assert asked[:8] == [1, 1, 2, 2, 2, 2, 2, 2]
    assert asked[-1] == 3
    reconciler.relay.status = 202
    reconciler.pass_time(hours=6)
    assert reconciler.tick().asked == 1
    assert reconciler.relay.guids() == ["stubborn"]


@pytest.mark.parametrize(("status", "asked"), [(403, 5), (404, 5), (429, 15), (500, 15)])
def test_what_we_refuse_ourselves_is_asked_for_a_few_times(
    reconciler: Reconciler, status: int, asked: int
) -> None:
    """As for a wrong secret: who sets it right has it asked for anew."""
    reconciler.lost_while(status, "unsigned")
    reconciler.begin()
    reconciler.relay.status = status
    for _ in range(70):
        reconciler.tick()
        reconciler.pass_time(hours=1)
    assert len(reconciler.github.asked()) == asked
    row = reconciler.row()
    assert (row.missing, row.refused) == (1, int(asked == 5))
    reconciler.relay.status = 202
    for wanted, recovered in (("dry_run", False), ("pass", True)):
        reconciler.store.want_reconciliation(
            reconciler.actor, source_id=reconciler.source_id, wanted=wanted
        )
        reconciler.tick()
        if asked == 5:
            assert (reconciler.relay.guids() == ["unsigned"]) == recovered
            assert reconciler.row().refused == int(not recovered)
    assert reconciler.row().refused == 0


def test_a_pass_that_dies_after_asking_asks_for_nothing_twice(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, "one", "two")
    reconciler.begin()
    reconciler.make_due()
    first = reconciler.store.claim_reconciliation(lease_s=-1)
    assert first is not None
    reconciler.relay.status = 500  # so that nothing arrives meanwhile
    reconciler.tick()
    assert sorted(reconciler.github.asked()) == ["one", "two"]
    # The one that was thought dead goes on: it has no lease, and changes nothing.
    assert reconciler.store.claim_missed(first, wait_s=0, longest_s=0, refused_asks=5) is None
    assert reconciler.tick().asked == 0


def test_the_listing_goes_on_where_the_last_pass_stopped(reconciler: Reconciler) -> None:
    for number in range(250):
        reconciler.github.send(f"here_{number}", age_s=3600 - number)
    reconciler.lost_while(500, "oldest", age_s=7200)
    reconciler.github.attempts.sort(key=lambda attempt: attempt.at)
    for number, attempt in enumerate(reconciler.github.attempts):
        attempt.number = 1000 + number
    reconciler.begin()

    first = reconciler.tick(has_time=times(2))
    assert (first.listed, reconciler.row().checked_until) == (100, None)
    second = reconciler.tick()

    assert second.listed == 151
    assert reconciler.github.asked() == ["oldest"]
    pages = [request for request in reconciler.github.requests if request.startswith("GET")]
    assert len(pages) == len(set(pages)) == 3
    assert reconciler.row().checked_until == reconciler.github.now


def test_a_listing_ends_at_what_is_checked_already(reconciler: Reconciler) -> None:
    for number in range(300):
        reconciler.github.send(f"old_{number}", age_s=40_000 - number)
    reconciler.begin()
    assert reconciler.tick().listed == 300
    reconciler.pass_time(minutes=5)
    before = len(reconciler.github.requests)
    reconciler.github.send("new", age_s=100)
    assert reconciler.tick().listed == 1
    assert len(reconciler.github.requests) == before + 1


def test_no_more_is_asked_for_at_once_than_github_likes(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, *(f"lost_{number}" for number in range(ASKS_PER_PASS + 5)))
    reconciler.begin()
    first = reconciler.tick()
    assert (first.missed, first.asked) == (ASKS_PER_PASS + 5, ASKS_PER_PASS)
    row = reconciler.row()
    assert row.passed_at is not None
    assert row.next_at - row.passed_at == timedelta(minutes=1)
    assert reconciler.tick().asked == 5
    assert len(reconciler.relay.rows()) == ASKS_PER_PASS + 5


@pytest.mark.parametrize(
    ("refusal", "wait_s"),
    [
        (Refusal(status=403, headers={"Retry-After": "77"}), 77),
        (Refusal(status=429, headers={"Retry-After": "78"}), 78),
        (
            Refusal(
                status=403,
                headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in 900 s"},
            ),
            900,
        ),
        (Refusal(status=429), 60),
        (Refusal(status=502), 300),
        (Refusal(status=403), 3600),
    ],
)
def test_github_is_left_alone_for_as_long_as_it_says(
    reconciler: Reconciler, refusal: Refusal, wait_s: float
) -> None:
    reset = str(int(reconciler.github.now.timestamp()) + 900)
    headers = {name: value.replace("in 900 s", reset) for name, value in refusal.headers.items()}
    reconciler.lost_while(500, "lost")
    reconciler.begin()
    reconciler.github.refusals.append(Refusal(status=refusal.status, headers=headers))

    reconciler.tick()
    row = reconciler.row()
    assert row.passed_at is not None
    assert (row.next_at - row.passed_at).total_seconds() == pytest.approx(wait_s, abs=1)
    assert row.failing_since is not None
    assert row.failure
    assert reconciler.github.asked() == []

    reconciler.tick()
    assert reconciler.row().failing_since is None
    assert reconciler.relay.guids() == ["lost"]


def test_most_of_the_tokens_hour_but_not_all_is_ours(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, "lost")
    reconciler.begin()
    reconciler.github.remaining = 150
    assert reconciler.tick().asked == 0
    row = reconciler.row()
    assert row.passed_at is not None
    assert (row.next_at - row.passed_at).total_seconds() == pytest.approx(900, abs=2)
    assert row.failure is None
    reconciler.github.remaining = 5000
    assert reconciler.tick().asked == 1


def test_two_days_without_the_api_are_caught_up_with(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.tick()
    reconciler.github.down = True
    for hour in range(48):
        reconciler.lost_while(503, f"lost_{hour}")
        reconciler.tick()
        reconciler.pass_time(hours=1)
    row = reconciler.row()
    assert (row.failure, row.missing) == ("GitHub answered 503", 0)

    reconciler.github.down = False
    report = reconciler.tick()
    assert (report.behind_s, report.unchecked_s) == (48 * 3600, 0)
    assert (report.missed, report.asked, report.lost) == (48, 48, 0)
    assert len(reconciler.relay.rows()) == 48
    assert reconciler.row().failing_since is None


def test_after_four_days_it_says_what_nobody_can_know_any_more(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.tick()
    reconciler.lost_while(503, "lost")
    reconciler.pass_time(days=4)
    report = reconciler.tick()
    assert (report.unchecked_s, report.asked) == (86_400, 0)
    assert reconciler.row().report["unchecked_s"] == 86_400


def test_what_github_forgets_before_it_arrives_is_counted_as_lost(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, "lost")
    reconciler.begin()
    reconciler.relay.status = 500
    reconciler.tick()
    reconciler.pass_time(days=3, minutes=1)
    assert reconciler.tick().lost == 1
    assert reconciler.row().missing == 0


@pytest.mark.parametrize("tombstone", [True, False])
def test_what_is_above_our_limit_is_read_from_the_api(
    reconciler: Reconciler, tombstone: bool
) -> None:
    body = large(20_000)
    if tombstone:
        assert reconciler.github.send("large", body, event="issues") == 413
    else:  # whoever stands before us refused it
        reconciler.relay.status = 413
        reconciler.github.send("large", body, event="issues")
    reconciler.begin()

    report = reconciler.tick()
    assert (report.missed, report.fetched, report.asked) == (1, 1, 0)
    (row,) = reconciler.relay.rows()
    assert (row["guid"], row["event_type"], row["action"]) == ("large", "issues", "opened")
    assert (row["verified_by"], row["conflict"]) == ("github_api", False)
    assert json.loads(bytes(row["body"])) == json.loads(body)
    assert not [name for name in row["headers"] if "signature" in name]
    assert (reconciler.tick().missed, reconciler.tick().fetched) == (0, 0)


def test_a_large_one_lies_in_the_blob_store(reconciler: Reconciler) -> None:
    body = large(600_000)
    reconciler.github.send("large", body)
    reconciler.begin()
    assert reconciler.tick().fetched == 1
    (row,) = reconciler.relay.rows()
    assert row["body"] is None
    stored = reconciler.relay.blobs.get(
        project_id=reconciler.driver.project_id, sha256=bytes(row["body_sha256"])
    )
    assert json.loads(stored) == json.loads(body)


def test_attempts_out_of_order_of_their_times_are_all_seen(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.tick()
    reconciler.pass_time(minutes=5)
    reconciler.github.send("newer", age_s=100)
    # Begun before the last listing, and ended after it.
    reconciler.lost_while(504, "slow", age_s=500)
    reconciler.github.send("newest", age_s=90)
    assert reconciler.tick().asked == 1
    assert reconciler.relay.guids() == ["newer", "newest", "slow"]


def test_a_failure_of_this_moment_is_left_to_the_next_pass(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, "just_now", age_s=5)
    reconciler.begin()
    assert reconciler.tick().missed == 0
    reconciler.pass_time(minutes=5)
    assert reconciler.tick().missed == 1


def test_a_deleted_hook_is_reported_and_checked_once_an_hour(
    reconciler: Reconciler,
) -> None:
    reconciler.begin()
    reconciler.github.deleted = True
    reconciler.tick()
    row = reconciler.row()
    assert row.failure == "There is no such hook, or the token may not see it (404)"
    assert row.passed_at is not None
    assert (row.next_at - row.passed_at) == timedelta(hours=1)


def test_a_delivery_that_is_gone_does_not_hold_up_the_others(reconciler: Reconciler) -> None:
    reconciler.lost_while(500, "gone", age_s=300)
    reconciler.lost_while(500, "lost")
    reconciler.begin()
    reconciler.github.gone = reconciler.github.attempts[0].number
    report = reconciler.tick()
    assert (report.lost, report.asked) == (1, 1)


@pytest.mark.parametrize("broken", ["text", {"message": 1}, [{"id": 1}], [[]], 7, [None]])
def test_an_answer_that_cannot_be_read_changes_nothing(
    reconciler: Reconciler, broken: object
) -> None:
    reconciler.begin()
    reconciler.github.instead = broken
    reconciler.tick()
    assert reconciler.row().failure == "GitHub's list of deliveries cannot be read"
    assert reconciler.row().checked_until is None


def test_a_dry_run_counts_and_asks_for_nothing(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.tick()
    reconciler.lost_while(500, "one", "two")
    reconciler.store.want_reconciliation(
        reconciler.actor, source_id=reconciler.source_id, wanted="dry_run"
    )
    report = reconciler.tick()
    row = reconciler.row()
    assert (report.dry_run, report.missed, report.asked) == (True, 2, 0)
    assert (row.missing, row.wanted, row.report["missed"]) == (0, None, 2)
    assert reconciler.github.asked() == []
    assert reconciler.tick().asked == 2


def test_a_disabled_source_waits(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.driver.sql(
        "UPDATE sources SET status = 'disabled' WHERE project_id = %(project_id)s"
    )
    assert reconcile_due(reconciler.services, has_time=lambda: True) == []
    assert reconciler.github.requests == []


def test_a_source_that_is_forgotten_is_asked_about_no_more(reconciler: Reconciler) -> None:
    reconciler.begin()
    store = source_services(reconciler.driver.database, MASTER_KEY).store
    assert store.delete_source(reconciler.actor, source_id=reconciler.source_id)
    assert (
        reconciler.store.find_reconciliation(
            project_id=reconciler.driver.project_id, source_id=reconciler.source_id
        )
        is None
    )


def test_another_master_key_is_reported_and_not_used(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.driver.sql(
        "UPDATE reconciliations SET secret_box = '\\x00' WHERE project_id = %(project_id)s"
    )
    reconciler.tick()
    assert "set it again" in (reconciler.row().failure or "")
    assert reconciler.github.requests == []


def test_the_token_is_kept_sealed_and_sent_to_the_api_alone(reconciler: Reconciler) -> None:
    reconciler.begin()
    reconciler.tick()
    rows = reconciler.driver.sql(
        "SELECT r::text AS text FROM reconciliations r WHERE project_id = %(project_id)s"
    )
    assert TOKEN not in str(rows)
    assert TOKEN.encode().hex() not in str(rows)
    assert set(reconciler.github.authorizations) == {TOKEN}


def test_an_app_logs_in_with_a_token_of_its_key(reconciler: Reconciler) -> None:
    github = reconciler.github
    github.hook = "app/hook"
    github.tokens = lambda token: token == app_token("12", rsa_pem(), github.now)
    reconciler.lost_while(500, "lost")
    reconciler.begin(hook="app/hook", app_id="12", private_key=rsa_pem().decode(), token=None)
    assert reconciler.tick().asked == 1
    assert reconciler.relay.guids() == ["lost"]
