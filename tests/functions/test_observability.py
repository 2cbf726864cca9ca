"""What the lines of every function have in common."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from aiwebhook import observability
from tests.support.commands import any_name


class Lines(io.StringIO):
    """Where a process logs to."""

    def name_process(self) -> None:
        """As the wiring does; a name of its own, because loggers live as long as the process."""
        observability.configure(service=any_name("log"), level="INFO", namespace="T", stream=self)

    @property
    def parsed(self) -> list[dict[str, Any]]:
        """Every line, which must be JSON."""
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """An open stream; the process is given back as it was."""
    before = observability.correlation_id()
    yield Lines()
    observability.begin(correlation_id=before)


@pytest.mark.req("O3")
def test_a_request_that_began_before_the_wiring_keeps_its_correlation_id(lines: Lines) -> None:
    observability.begin(correlation_id="c1", request_id="r1")
    lines.name_process()

    observability.info("command")

    assert [(line["correlation_id"], line["request_id"]) for line in lines.parsed] == [("c1", "r1")]
    assert observability.correlation_id() == "c1"


@pytest.mark.req("O3")
def test_a_line_names_the_place_that_wrote_it(lines: Lines) -> None:
    lines.name_process()

    observability.info("a")
    observability.warning("b")
    observability.exception("c", ValueError("said by somebody"))

    places = {line["location"].partition(":")[0] for line in lines.parsed}
    assert places == {"test_a_line_names_the_place_that_wrote_it"}
    assert "said by somebody" not in lines.getvalue()


@pytest.mark.req("O3")
def test_the_facts_of_one_request_are_not_those_of_the_next(lines: Lines) -> None:
    lines.name_process()
    observability.begin(correlation_id="c1", attempt_id="a1")

    observability.begin(correlation_id="c2")
    observability.info("reaped")

    (line,) = lines.parsed
    assert line["correlation_id"] == "c2"
    assert "attempt_id" not in line


@pytest.mark.req("O3")
def test_a_metric_line_is_the_one_that_powertools_would_write(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    service = any_name("log")
    observability.configure(service=service, level="INFO", namespace="T", stream=lines)

    observability.measure({"commands": 2}, ms={"command_ms": 3.25}, command="help", outcome="")
    ours = json.loads(capsys.readouterr().out)
    theirs = EphemeralMetrics(namespace="T", service=service)
    theirs.add_metric(name="commands", unit=MetricUnit.Count, value=2)
    theirs.add_metric(name="command_ms", unit=MetricUnit.Milliseconds, value=3.2)
    theirs.add_dimension(name="command", value="help")
    theirs.add_dimension(name="outcome", value="none")
    theirs.flush_metrics()

    written = json.loads(capsys.readouterr().out)
    assert abs(written["_aws"].pop("Timestamp") - ours["_aws"].pop("Timestamp")) < 60_000
    assert ours == written
