"""The end of a run on a model: its work is collected, published and reported,
whatever the outcome.
"""

from dataclasses import replace
from pathlib import Path
from typing import cast

from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.output.cli_output import run_output
from aiwebhook_runner.output.events import each_text
from aiwebhook_runner.output.messages import Artifact
from aiwebhook_runner.output.outcome import Completed, Failed
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.repository import WorkspaceFailed
from aiwebhook_runner.repository.work import (
    OTHER_FORMAT,
    OTHER_NAME,
    OTHER_TYPE,
    PATCH_FORMAT,
    PATCH_NAME,
    PATCH_TYPE,
    Published,
    Work,
    joined_sentence,
)
from aiwebhook_runner.run.workbench import Means

TITLE_CHARS = 72


def publish_result(
    means: Means, outcome: Completed | Failed, transcript: Transcript
) -> Completed | Failed:
    """The outcome with files, workspace and patch; published only if it is a success. A failure
    keeps its work too, as the patch. Every text is redacted.
    """
    try:
        work = means.bench.collect(holds_secret=means.redact.holds_known)
    except WorkspaceFailed as exc:
        means.scope.log.warning("work_not_collected", reason=str(exc))
        return _redacted(means, _with_work(means, _without_work(outcome, exc), transcript))
    means.story.files = {change.path: change.change for change in work.files}
    if work.patch is not None:
        _mask(work.patch, means.redact)
        patch = Artifact(name=PATCH_NAME, type=PATCH_TYPE, format=PATCH_FORMAT)
        transcript.add_own_file(patch, work.patch)
    if work.other_bundle is not None:
        _add_other_work(means, work.other_bundle, transcript)
    if isinstance(outcome, Completed):
        published = _published(means, work, outcome)
        means.story.workspace = work.as_json(published)
        means.story.publication = joined_sentence((*published.said, *work.said))
    else:
        means.story.workspace = work.as_json()
    return _redacted(means, _with_work(means, outcome, transcript))


def _add_other_work(means: Means, file: Path, transcript: Transcript) -> None:
    if file.name == OTHER_NAME:
        artifact = Artifact(name=OTHER_NAME, type=OTHER_TYPE, format=OTHER_FORMAT)
    else:
        _mask(file, means.redact)
        artifact = Artifact(name=file.name, type=PATCH_TYPE, format=PATCH_FORMAT)
    transcript.add_own_file(artifact, file)


def _without_work(outcome: Completed | Failed, exc: WorkspaceFailed) -> Failed:
    """A success without its work is not one; a failure stays as it is."""
    if isinstance(outcome, Failed):
        return outcome
    return Failed(
        error_class=exc.error_class,
        message=str(exc),
        remedy=exc.remedy,
        retryable=exc.retryable,
        exit_code=outcome.exit_code,
        usage=outcome.usage,
        output=outcome.output,
    )


def _published(means: Means, work: Work, outcome: Completed) -> Published:
    run = means.scope.run
    lines = (run.description or "").strip().splitlines()
    first_line = next(iter(lines), "") or f"Task {run.task_id}"
    text = str(outcome.output.get("text") or outcome.say or "")
    body = f"{means.redact(text)}\n\n---\nBy {run.agent.name}, task {run.task_id}."
    return means.bench.publish(work, title=means.redact(first_line)[:TITLE_CHARS], body=body)


def _with_work(
    means: Means, outcome: Completed | Failed, transcript: Transcript
) -> Completed | Failed:
    if isinstance(outcome, Failed) or transcript.result is None:
        return replace(outcome, output={**outcome.output, **means.story.as_output()})
    schema = means.scope.run.agent.output_schema
    output, say = run_output(transcript.result, means.story, schema)
    return replace(outcome, output=output, say=say)


def _redacted(means: Means, outcome: Completed | Failed) -> Completed | Failed:
    output = cast("JsonObject", each_text(outcome.output, means.redact))
    if isinstance(outcome, Failed):
        return replace(outcome, output=output, message=means.redact(outcome.message))
    return replace(outcome, output=output, say=means.redact(outcome.say) if outcome.say else None)


def _mask(patch: Path, redact: Redactor) -> None:
    """Masks only known secrets: a patch with other words replaced would no longer apply."""
    text = patch.read_bytes().decode("utf-8", "surrogateescape")
    masked = redact.known(text)
    if masked != text:
        patch.write_bytes(masked.encode("utf-8", "surrogateescape"))
