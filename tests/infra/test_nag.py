"""cdk-nag's AwsSolutions finds nothing that is not mended or, with its reason, meant so."""

from __future__ import annotations

import pytest

from infra.nag import Examination, examine
from infra.stages import STAGES

pytestmark = [pytest.mark.req("O1"), pytest.mark.slow, pytest.mark.synth]


@pytest.fixture(scope="module")
def examination() -> Examination:
    return examine("AwsSolutions", STAGES)


def test_every_finding_is_mended_or_justified(examination: Examination) -> None:
    assert examination.findings, "the pack has looked"
    assert [f"{f.path}: {f.rule} {f.found}" for f in examination.open] == []


def test_every_justification_answers_a_finding_and_gives_a_reason(
    examination: Examination,
) -> None:
    assert [f"{each.path}: {each.rule} {each.pattern}" for each in examination.idle] == []
    for each in examination.justifications:
        assert len(each.reason.split()) > 4, each
