"""A run's report is taken whatever its content: nothing that was done is thrown away."""

from __future__ import annotations

import json
import math
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.domain.say_text import say_text
from tests.session_api.conftest import ApiDriver
from tests.support.session_api import Json, Run

CHARACTERS = st.characters() | st.sampled_from('\x00\ud800\udfff\u202e\x1b"\\')
TEXT = st.text(CHARACTERS, max_size=20)
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.sampled_from([10**1200, -1, 2**31, 2**63, math.nan, math.inf])
    | TEXT
)
ANY = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
MEMORY = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["fact", "dream"]) | ANY,
        "content": TEXT | ANY,
        "key": st.sampled_from(["k", "key 0", "k" * 129, "k\x00"]) | ANY,
        "tags": st.lists(TEXT, max_size=3) | ANY,
        "source": ANY,
    },
)
FIELDS = {
    "output": ANY,
    "say": TEXT | ANY,
    "memories": st.lists(MEMORY | ANY, max_size=3) | ANY,
    "forget": st.lists(TEXT, max_size=3) | ANY,
    "usage": ANY | st.fixed_dictionaries({"input_tokens": SCALAR, "cost_usd": SCALAR}),
    "exit_code": ANY,
    "messages_seen": ANY,
    "error_class": st.sampled_from(["network", "bad_luck"]) | ANY,
    "message": ANY,
    "remedy": ANY,
    "retryable": ANY,
    "notes": ANY,
}
REPORT = st.fixed_dictionaries({}, optional=FIELDS) | st.dictionaries(TEXT, ANY, max_size=3)
SLOW = settings(
    max_examples=40,
    derandomize=True,  # CI must not fail by luck; run with other seeds by hand
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def raw(report: object) -> bytes:
    """As careless workers write it: NaN, escapes of lone surrogates, numbers without end."""
    return json.dumps(report).encode()


def run_of(driver: ApiDriver, **fields: Any) -> tuple[str, Run]:
    """A run of an agent that promises nothing of its output; it is its only attempt."""
    task_id = driver.task(agent_name="codex", max_attempts=1, **fields)
    return task_id, driver.claim("codex")


def send(run: Run, action: str, body: bytes) -> Any:
    path = f"/v1/runs/{run.input['task_id']}/{action}"
    return run.driver.call("POST", path, body, token=run.input["lease_token"])


def storable(value: object) -> bool:
    """Whether PostgreSQL and JSON can hold it as it is."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 10**1000
    if isinstance(value, dict):
        return all(storable(k) and storable(v) for k, v in cast("Json", value).items())
    return all(map(storable, cast("list[object]", value))) if isinstance(value, list) else True


def same(got: Any, sent: Any) -> bool:
    """As JSON values: 6.780937966618949e+16 is the number 67809379666189490."""
    if isinstance(sent, dict) and isinstance(got, dict):
        theirs, ours = cast("Json", got), cast("Json", sent)
        return theirs.keys() == ours.keys() and all(same(theirs[k], ours[k]) for k in ours)
    if isinstance(sent, list) and isinstance(got, list):
        theirs, ours = cast("list[object]", got), cast("list[object]", sent)
        return len(theirs) == len(ours) and all(map(same, theirs, ours))
    if isinstance(sent, float) and isinstance(got, int):
        return float(got) == sent
    return got == sent


@pytest.mark.req("T4", "T6")
@SLOW
@given(report=REPORT, action=st.sampled_from(["complete", "fail"]))
def test_any_object_ends_the_task_and_keeps_what_can_be_kept(
    driver: ApiDriver, report: Json, action: str
) -> None:
    task_id, run = run_of(driver)

    told = send(run, action, raw(report))

    assert told.status == 200, told.text
    task = driver.get(f"/v1/tasks/{task_id}").data
    ends = {"completed"} if action == "complete" else {"failed", "cancelled"}
    assert task["status"] in ends
    output = report.get("output")
    if isinstance(output, dict) and storable(cast("Json", output)):
        assert same(task.get("output", {}), output)
    say = report.get("say")
    if action == "complete" and isinstance(say, str) and say.isprintable() and say_text(say):
        assert task["say"] == say_text(say), "the run's own words, as they are spoken"
    if output is not None and not storable(cast("object", output)):
        assert task["notes"]


@pytest.mark.req("T4")
@SLOW
@given(
    event=st.fixed_dictionaries({}, optional={"type": ANY, "at": ANY, "data": ANY, "x": ANY}) | ANY,
    artifact=st.fixed_dictionaries(
        {}, optional={"name": ANY, "type": ANY, "format": ANY, "metadata": ANY, "x": ANY}
    ),
)
def test_no_event_heartbeat_or_artifact_is_refused_for_its_content(
    driver: ApiDriver, event: object, artifact: Json
) -> None:
    _, run = run_of(driver)

    told = [
        send(run, "events", raw({"events": [event], "usage": event})),
        send(run, "heartbeat", raw({"status": event, "progress": event})),
        send(run, "artifacts", raw({**artifact, "content": event or ""})),
        send(run, "complete", raw({"output": {}})),
    ]

    assert [answer.status for answer in told] == [200] * 4, [answer.text for answer in told]


@pytest.mark.req("T4", "T6")
def test_a_nul_on_stderr_ends_as_text_with_the_true_class(driver: ApiDriver) -> None:
    task_id, run = run_of(driver)
    report = {
        "error_class": "no_result",
        "message": "The agent ended with exit code 3 without a result.",
        "exit_code": 3,
        "output": {"stderr_tail": "bo\x00om\ud800"},
    }

    assert send(run, "fail", raw(report)).body == {"status": "failed"}

    task = driver.get(f"/v1/tasks/{task_id}").data
    assert (task["error"]["error_class"], task["exit_code"]) == ("no_result", 3)
    assert task["output"] == {"stderr_tail": "bo\ufffdom\ufffd"}
    assert task["notes"] == [
        {
            "pointer": "/output/stderr_tail",
            "message": "held 2 characters that cannot be stored; each was replaced by U+FFFD.",
        }
    ]


@pytest.mark.req("T4")
@pytest.mark.parametrize("levels", [62, 63, 64, 100_000])
def test_a_result_is_kept_however_deep_it_is_nested(driver: ApiDriver, levels: int) -> None:
    task_id, run = run_of(driver)
    body = b'{"output": ' + b'{"a":' * levels + b"1" + b"}" * levels + b', "say": "Deep."}'

    assert send(run, "complete", body).body == {"status": "completed"}

    task = driver.get(f"/v1/tasks/{task_id}").data
    kept: Any = task["output"]
    for _ in range(min(levels, 63)):
        kept = kept["a"]
    if levels <= 63:
        assert (kept, task.get("notes")) == (1, None)
    else:
        assert kept == '{"a":' * (levels - 63) + "1" + "}" * (levels - 63)
        assert "deeper than 64 levels" in task["notes"][0]["message"]


@pytest.mark.req("T4")
def test_odd_memories_are_kept_under_keys_that_can_be_found(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id, run = run_of(driver, session_id=session_id)
    memories = [
        {"type": "fact", "content": "long", "key": "k" * 200},
        {"type": "dream", "content": "a dream", "key": "dreamt", "tags": "night, dark"},
        {"type": "fact", "content": ["a", "list"], "key": "listed"},
        {"type": "fact", "content": "x" * 300_000, "key": "large"},
        {"type": "fact"},
        "nothing",
    ]

    assert send(run, "complete", raw({"output": {}, "memories": memories})).status == 200

    found = driver.get(f"/v1/sessions/{session_id}/memories?limit=100").data["memories"]
    by_key = {memory["key"]: memory for memory in found}
    long = next(key for key in by_key if key.startswith("kkk"))
    assert len(long) == 128
    assert (by_key["dreamt"]["type"], by_key["dreamt"]["tags"]) == (
        "note",
        ["night", "dark", "dream"],
    )
    assert by_key["listed"]["content"] == {"value": ["a", "list"]}
    assert 200_000 < len(by_key["large"]["content"]) <= 256 * 1024
    assert len(found) == 4
    pointers = {note["pointer"] for note in driver.get(f"/v1/tasks/{task_id}").data["notes"]}
    assert pointers >= {
        "/memories/0/key",
        "/memories/1/type",
        "/memories/2/content",
        "/memories/3/content",
        "/memories/4/content",
        "/memories/5",
    }


@pytest.mark.req("T4")
def test_two_long_artifact_names_stay_two_artifacts(driver: ApiDriver) -> None:
    _, run = run_of(driver)

    told = [
        send(run, "artifacts", raw({"name": "n" * 5_000 + end, "type": "log", "content": end}))
        for end in "ab"
    ]

    assert len({answer.body["artifact_id"] for answer in told}) == 2
    assert told[0].body["notes"][0]["pointer"] == "/name"
    shown = driver.get(f"/v1/artifacts/{told[1].body['artifact_id']}").data
    assert (len(shown["name"]), shown["content"]) == (500, "b")


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    "schema",
    [{"$ref": "https://nowhere.invalid/x"}, {"properties": {"n": {"multipleOf": 0.1}}}],
)
def test_a_schema_that_cannot_be_applied_costs_no_result(driver: ApiDriver, schema: Json) -> None:
    task_id, run = run_of(driver)
    with driver.outside.databases[0].connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agents SET manifest = manifest || jsonb_build_object('output_schema',"
            " %(schema)s::jsonb) WHERE project_id = %(project)s AND agent_name = 'codex'",
            {"schema": json.dumps(schema), "project": driver.project_id},
        )

    told = send(run, "complete", b'{"output": {"n": ' + b"9" * 900 + b"}}")

    assert told.body == {"status": "completed"}
    task = driver.get(f"/v1/tasks/{task_id}").data
    assert "could not be checked" in task["notes"][0]["message"]


@pytest.mark.req("T4")
@pytest.mark.parametrize("body", [b"[1]", b'"done"', b'{"output": ', b"\xff"])
def test_what_is_no_object_is_refused_with_a_remedy(driver: ApiDriver, body: bytes) -> None:
    _, run = run_of(driver)

    told = send(run, "complete", body)

    assert (told.status, told.body["code"]) == (400, "not_json")
    assert told.body["remedy"]
    assert send(run, "complete", b"{}").status == 200
