"""`make bench` loses nothing: what a cell found is kept at once, whatever becomes of the others."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import document, kept
from benchmarks.coldimport import import_shares
from benchmarks.kept import Kept, Shelf
from benchmarks.report import Section, Table, Verdict
from benchmarks.stalls import verdicts_beside_silence
from benchmarks.targets import CELL_OF, LIFE, TASK_WAL

FOUND = Section(
    title="What it costs",
    how="Counted.",
    tables=[Table(header=["step", "bytes"], rows=[["claim", "12 B"]])],
    verdicts=[Verdict(row=TASK_WAL, target="≤ 13 B", measured="12 B", met=True)],
    notes=["Once."],
)
AFTER_A_FAILURE = ["claim-sql", "wal", "life"]


class Cells:
    """Cells that find FOUND, but for those of `failing`; `ran` are the names of those asked."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.failing = {"wal"}

    def cell(self, name: str) -> Callable[..., Section]:
        def run(*_: object) -> Section:
            self.ran.append(name)
            if name in self.failing:
                raise RuntimeError(f"{name} stumbled over\nits own feet")
            return FOUND

        return run


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cells:
    made = Cells()

    @contextmanager
    def no_lab() -> Generator[None]:
        yield

    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    monkeypatch.setattr(bench, "CELLS", {name: made.cell(name) for name in bench.CELLS})
    monkeypatch.setattr(bench, "running_lab", no_lab)
    monkeypatch.setattr(bench, "current_commit", lambda: "c0ffee")
    for name in ("RESULTS", "RESILIENCE"):
        monkeypatch.setattr(bench, name, tmp_path / f"{name}.md")
    return made


def test_a_cell_that_fails_ends_nothing_and_says_why(
    cells: Cells, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["--quick", *AFTER_A_FAILURE]) == 1
    assert cells.ran == AFTER_A_FAILURE
    text = capsys.readouterr().out
    assert "## wal: failed\n\n`RuntimeError: wal stumbled over its own feet`" in text
    assert text.count("## What it costs") == 2


def test_an_interrupt_ends_the_run_also_when_cleaning_up_fails(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def lab_that_is_not_empty() -> Generator[None]:
        try:
            yield
        finally:
            raise OSError("Directory not empty")

    def interrupted(*_: object) -> Section:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "running_lab", lab_that_is_not_empty)
    monkeypatch.setattr(bench, "CELLS", {**bench.CELLS, "wal": interrupted})
    with pytest.raises(KeyboardInterrupt):
        bench.main(["wal", "life"])
    assert cells.ran == []


def test_only_what_failed_is_measured_again(
    cells: Cells, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.main(AFTER_A_FAILURE)
    capsys.readouterr()
    cells.ran.clear()
    cells.failing.clear()
    assert bench.main(["--resume", *AFTER_A_FAILURE]) == 0
    assert cells.ran == ["wal"]
    assert "failed" not in capsys.readouterr().out.split("## Targets")[1]


def test_what_is_kept_of_another_commit_is_measured_again_and_shown_as_such(
    cells: Cells, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cells.failing.clear()
    bench.main(["wal", "life"])
    monkeypatch.setattr(bench, "current_commit", lambda: "decaf")
    cells.ran.clear()
    bench.main(["--resume", "wal"])
    assert cells.ran == ["wal"]
    capsys.readouterr()
    assert bench.main(["report"]) == 1  # the other cells were never measured
    text = (kept.FOLDER / "RESULTS.md").read_text()
    assert text.count(", at commit c0ffee;") == 1
    assert f"| {LIFE} |  | – | not measured | not asked for |" in text
    assert f"| {TASK_WAL} | ≤ 13 B | 12 B | met |  |" in text
    assert "## planning: not measured" in text


def test_quick_figures_are_in_no_document(cells: Cells) -> None:
    cells.failing.clear()
    bench.main(["--quick", "wal"])
    bench.main(["report"])
    assert "## wal: not measured" in (kept.FOLDER / "RESULTS.md").read_text()


def test_an_outcome_is_read_as_it_was_written(tmp_path: Path) -> None:
    outcome = Kept(
        cell="wal",
        commit="c0ffee",
        begun_at=datetime.fromisoformat("2026-11-30T18:50:00+00:00"),
        seconds=1.5,
        loads=(0.5, 2.0),
        section=FOUND,
    )
    shelf = Shelf(folder=tmp_path)
    shelf.keep(outcome)
    assert shelf.find("wal") == outcome
    assert shelf.find("life") is None


def test_a_tree_with_changes_is_measured_each_time() -> None:
    outcome = kept.measured("wal", lambda: FOUND, commit="c0ffee with changes", limit_s=60)
    assert not outcome.is_of("c0ffee with changes")


def test_a_cell_that_takes_too_long_has_failed() -> None:
    def endless() -> Section:
        signal.raise_signal(signal.SIGALRM)
        return FOUND

    outcome = kept.measured("wal", endless, commit="c0ffee", limit_s=60)
    assert outcome.failure == "TimeoutError: wal took more than 60 s"


def test_a_target_missed_for_no_known_reason_says_so_and_under_what_load(
    cells: Cells, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = replace(FOUND, verdicts=[replace(FOUND.verdicts[0], measured="14 B", met=False)])

    def run(*_: object) -> Section:
        return missed

    monkeypatch.setattr(bench, "CELLS", {"wal": run})
    assert bench.main(["wal"]) == 0
    assert "| 14 B | **missed** | not known; load " in capsys.readouterr().out
    assert cells.ran == []


def test_what_may_stall_a_call_is_told_beside_a_missed_p99() -> None:
    counted = {50: Counter[str](), 150: Counter({"deadlocks": 2})}
    slow = [0.02] * 98 + [1.01] * 2
    near, far = verdicts_beside_silence({0: [0.02] * 100, 50: [0.02] * 100, 150: slow}, counted)
    assert (near.met, near.why) == (True, "")
    assert (far.measured, far.met) == ("50.50×", False)
    assert "1.00×" in far.why
    assert far.why.endswith(", 2 deadlocks")


def test_an_import_is_shared_out_among_those_who_are_imported(tmp_path: Path) -> None:
    shares = import_shares("import psycopg, aiwebhook.errors", tmp_path)
    assert sum(shares.values()) == pytest.approx(1)
    assert {"ours", "psycopg", "Python's own library"} <= set(shares)


def test_every_target_has_its_cell() -> None:
    assert set(CELL_OF.values()) <= set(bench.CELLS)


def test_the_results_quote_the_resilience() -> None:
    quoted = document.quoted_resilience()
    assert [(verdict.target, verdict.met) for verdict in quoted] == [
        ("chaos: 5/5", True),
        ("pressure: 4/4", True),
    ]
