"""Both OpenAPI documents pass spectral's rules."""

from __future__ import annotations

import pytest

from tests.doors.tools import ROOT, SCRIPTS, program, run

DOCUMENTS = ("docs/openapi.json", "docs/openapi-actions.json")


@pytest.mark.doors
@pytest.mark.req("D1")
def test_spectral_finds_nothing() -> None:
    spectral = program("@stoplight/spectral-cli", "dist/index.js")
    rules = str(SCRIPTS / "spectral.yaml")
    told = run((*spectral, "lint", "-F", "warn", "-r", rules, *DOCUMENTS), folder=ROOT)
    assert "No results with a severity of 'warn' or higher found!" in told, told
