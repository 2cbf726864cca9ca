"""Reads the reports of several runs from one body: an invalid one does not affect the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from aiwebhook.domain.notes import Note, Notes
from aiwebhook.domain.report_json import parse_report
from aiwebhook.errors import Invalid
from session_api.operation import ApiParams
from session_api.request_arguments import validated
from session_api.run_schemas import MAX_REPORTS, LeasedReportParams


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedReport:
    """One report as received, with notes on what reading it changed."""

    lease_token: str
    report: dict[str, Any]
    notes: Notes


class _Envelope(ApiParams):
    reports: Annotated[list[Any], Field(min_length=1, max_length=MAX_REPORTS)]


def leased_reports(body: bytes) -> list[LeasedReport | Invalid]:
    """The reports in their order; for an element that is not a lease token with a report, its
    error. Raises NotJson; Invalid if there is no list of them.
    """
    noted = Notes()
    given = parse_report(body, noted) if body.strip() else {}
    given.pop("request_id", None)
    reports = validated(_Envelope, given).reports
    return [_read(element, number, noted) for number, element in enumerate(reports)]


def _read(element: object, number: int, noted: Notes) -> LeasedReport | Invalid:
    try:
        read = validated(LeasedReportParams, element, pointer=f"/reports/{number}")
    except Invalid as refusal:
        return refusal
    # What was changed while the text was parsed cannot be attributed to one report.
    notes = Notes(
        Note(pointer="", message=f"Somewhere in the call: {note.message}") for note in noted.taken()
    )
    return LeasedReport(lease_token=read.lease_token, report=read.report, notes=notes)
