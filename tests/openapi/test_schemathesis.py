"""Does the server do what its OpenAPI document says? Thousands of generated calls, 0 findings.

`make test-openapi` runs a seeded sample; CASES and SEED choose another. What the schemas allow must
be accepted, but for the rules that no schema can say: they are listed in unsayable.py. The Runs API
is called with runs that live (leases.py). Caller and server take turns, so each of two processes
plays half of the paths.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.openapi.served_runs import ServedRuns
from tests.support.http_front import HttpFront
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver, session_api_handler
from tests.support.wire_document import ROOT

CASES = os.environ.get("CASES", "4")  # noqa: TID251  reason: a knob of the person who runs it
SEED = os.environ.get("SEED", "1")  # noqa: TID251  reason: as above
DOCUMENT = ROOT / "docs/openapi.json"
# The door of commands takes more than its schema says, on purpose: tests/door has the corpus of
# what it understands, and refuses.
LEFT_OUT = {"/webhook", "/v1/commands"}
PATHS = sorted(json.loads(DOCUMENT.read_text("utf-8"))["paths"].keys() - LEFT_OUT)
HOOKS = f"""
import sys
sys.path.append({str(ROOT)!r})
import tests.openapi.unsayable
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    driver: ApiDriver
    runs: ServedRuns
    url: str


@pytest.fixture
def served(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Served]:
    """A project with something of everything, behind HTTP."""
    with clone(postgres_server, migrated_template, "openapi") as dsn:
        driver = ApiDriver(dsn)
        session_id = driver.session()
        driver.task(session_id)
        driver.post(f"/v1/sessions/{session_id}/memories", {"type": "fact", "content": "x"})
        runs = ServedRuns(session_api_handler(dsn, driver.outside), driver.other_project())
        with HttpFront(session_api=lambda: runs) as front:
            yield Served(driver=driver, runs=runs, url=front.url)
        driver.outside.close()


@pytest.mark.openapi
@pytest.mark.timeout(3600)
@pytest.mark.req("D1")
@pytest.mark.parametrize(("half", "paths"), [("even", PATHS[::2]), ("odd", PATHS[1::2])])
def test_the_server_does_what_its_document_says(
    served: Served, tmp_path: Path, paths: Sequence[str], half: str
) -> None:
    report = ROOT / f".build/openapi/{half}.txt"
    report.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "hooks.py").write_text(HOOKS)
    (tmp_path / "schemathesis.toml").write_text('hooks = "hooks.py"\n')
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT)),
        *("--url", served.url, "-H", f"Authorization: Bearer {served.driver.key}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", CASES, "--seed", SEED),
        *("--include-path-regex", f"^({'|'.join(map(re.escape, paths))})$"),
        *("--no-color", "--request-timeout", "30"),
        *("--generation-database", "none", "--warnings", "off"),
        *("--exclude-checks", "positive_data_acceptance,negative_data_rejection"),  # unsayable.py
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    report.write_text(done.stdout.rpartition("SUMMARY")[2], "utf-8")
    of_runs = {path.rpartition("/")[-1] for path in paths if path.startswith("/v1/runs/")}
    assert served.runs.accepted == of_runs
