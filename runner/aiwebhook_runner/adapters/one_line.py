"""One short line that tells a person what a tool call is about."""

from aiwebhook_runner.adapters.cli_json import as_text
from aiwebhook_runner.jsons import JsonObject, encode

LONGEST_LINE = 200
SUMMARY_FIELDS = (
    "command",
    "cmd",
    "file_path",
    "filePath",
    "notebook_path",
    "path",
    "pattern",
    "query",
    "url",
    "description",
    "prompt",
)
"""Names of arguments that describe a call, the most telling first."""


def one_line(text: str) -> str:
    """White space becomes single spaces; long text ends in an ellipsis."""
    # A tool may print megabytes: look only at what will be shown.
    line = " ".join(text[: 20 * LONGEST_LINE].split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def call_summary(arguments: JsonObject) -> str:
    """The command, path or query; otherwise the arguments as they are."""
    for name in SUMMARY_FIELDS:
        if text := as_text(arguments.get(name)):
            return one_line(text)
    return one_line(encode(arguments).decode()) if arguments else ""


def last_line(text: str) -> str:
    """The end of an output usually says how it went."""
    lines = text[-20 * LONGEST_LINE :].strip().splitlines()
    return one_line(lines[-1]) if lines else ""
