"""What a Git host says when it refuses reaches the user, with a remedy that fits."""

from __future__ import annotations

import base64
import shlex

import pytest

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository import WorkspaceFailed
from aiwebhook_runner.repository.failures import failure_of
from aiwebhook_runner.repository.git import GitFailed
from aiwebhook_runner.repository.host_message import MAX_CHARS, host_message
from aiwebhook_runner.repository.work import Published, Work, joined_sentence
from tests.support.git_server import GitHost, git, write_files
from tests.workspace.conftest import BRANCH, SLUG, TASK, TOKEN, Runs

pytestmark = pytest.mark.req("T4")


def published(runs: Runs, pr: str = "branch") -> tuple[Work, Published]:
    run = runs.start(pr=pr)
    run.prepare()
    write_files(run.work, {"new.txt": "1\n"})
    work = run.workspace.collect(user=None)
    return work, run.workspace.publish(work, title="t", body="b")


def refusing(host: GitHost, *lines: str) -> None:
    hook = host.path(SLUG) / "hooks" / "pre-receive"
    printed = "".join(f"printf '%b\\n' {shlex.quote(line)} >&2\n" for line in lines)
    hook.write_text(f"#!/bin/sh\n{printed}exit 1\n")
    hook.chmod(0o755)


@pytest.mark.parametrize(
    ("there", "blocker"),
    [("aiwebhook", "aiwebhook"), (f"{BRANCH}/of/somebody", f"{BRANCH}/of/somebody")],
)
def test_a_branch_in_the_way_is_gone_around(
    runs: Runs, host: GitHost, there: str, blocker: str
) -> None:
    git(host.path(SLUG), "branch", there, "main")
    work, result = published(runs, "ready")
    other = f"aiwebhook-{TASK}"
    assert (result.pushed, result.branch, result.problem) == (True, other, None)
    assert git(host.path(SLUG), "rev-parse", other) == work.commit
    assert host.pulls[0]["head"]["ref"] == other
    assert work.as_json(result)["branch"] == other
    assert joined_sentence(result.said) == (
        f"Pull request 1 is open; the branch is {other}, because branch {blocker} is in the way."
    )
    # The next attempt of the same task replaces it.
    again, result = published(runs, "ready")
    assert (result.pushed, result.problem) == (True, None)
    assert git(host.path(SLUG), "rev-parse", other) == again.commit


def test_another_refusal_beside_it_is_reported_unchanged(runs: Runs, host: GitHost) -> None:
    refusing(host, "commits need a ticket number")
    _, result = published(runs)
    assert not result.pushed
    assert joined_sentence(result.said) == (
        "I could not push the branch: commits need a ticket number (pre-receive hook declined)."
    )


def test_the_hosts_words_are_cleaned_and_bounded(runs: Runs, host: GitHost) -> None:
    sent = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    refusing(
        host,
        r"\033[31mNo\033[0m\033]52;c;ZXZpbA==\007 entry\r",
        "\u202etxet denrut",
        f"you sent {TOKEN} and {sent} and https://user:pass@example.com",
        "=" * 60,
        "x" * 2000,
    )
    work, result = published(runs)
    told = str(work.as_json(result)["problem"])
    assert "No entry txet denrut" in told
    assert all(sign.isprintable() for sign in told + joined_sentence(result.said))
    assert not any(secret in told for secret in (TOKEN, sent, "user:pass", "===", "\u202e"))
    assert len(told) < MAX_CHARS + 200
    assert len(joined_sentence(result.said)) < 200


HTTP_403 = (
    "fatal: unable to access 'https://example.com/o/r/': The requested URL returned error: 403"
)
REFUSALS = [
    (
        (
            "remote: error: GH013: Repository rule violations found for refs/heads/x.\n"
            "remote: - GITHUB PUSH PROTECTION\nremote:   - Push cannot contain secrets\n"
            "! refs/heads/x [remote rejected] (push declined due to repository rule violations)"
        ),
        ErrorClass.REFUSED,
        "Take the secret out",
    ),
    (
        (
            "remote: error: GH001: Large files detected. You may want to try Git LFS.\n"
            "remote: error: File big.bin is 143.05 MB; this exceeds GitHub's file size limit\n"
            "! x [remote rejected] (pre-receive hook declined)"
        ),
        ErrorClass.REFUSED,
        "Git LFS",
    ),
    (
        (
            "remote: error: GH006: Protected branch update failed for refs/heads/x.\n"
            "! x [remote rejected] (protected branch hook declined)"
        ),
        ErrorClass.REFUSED,
        "rules",
    ),
    (
        ("remote: This repository was archived so it is read-only.\n" + HTTP_403),
        ErrorClass.REFUSED,
        "Unarchive",
    ),
    (
        ("remote: Permission to o/r.git denied to somebody.\n" + HTTP_403),
        ErrorClass.AUTH,
        "GITHUB_TOKEN",
    ),
    (
        (
            "! x [remote rejected] (refusing to allow a Personal Access Token to create or update "
            "workflow `.github/workflows/ci.yml` without `workflow` scope)"
        ),
        ErrorClass.AUTH,
        "workflows",
    ),
    (
        ("remote: The 'acme' organization has enabled or enforced SAML SSO.\n" + HTTP_403),
        ErrorClass.AUTH,
        "single sign-on",
    ),
    (
        "remote: Commit 1234567 has no DCO line\n! x [remote rejected] (pre-receive hook declined)",
        ErrorClass.REFUSED,
        "--signoff",
    ),
    (
        "remote: Commit must have a Signed-off-by line\n! x [remote rejected] (hook declined)",
        ErrorClass.REFUSED,
        "--signoff",
    ),
    (
        (
            "remote: error: GH006: Commits must have verified signatures.\n"
            "! x [remote rejected] (protected branch hook declined)"
        ),
        ErrorClass.REFUSED,
        "--gpg-sign",
    ),
    (
        (
            "remote: GitLab: Committer's email 'agent@aiwebhook.invalid' is not verified\n"
            "! x [remote rejected] (pre-receive hook declined)"
        ),
        ErrorClass.REFUSED,
        "commit it as yourself",
    ),
    (
        (
            "remote: Your push has been rejected because it would exceed its quota\n"
            "! x [remote rejected] (pre-receive hook declined)"
        ),
        ErrorClass.REFUSED,
        "Free space",
    ),
    ("! x [rejected] (non-fast-forward)", ErrorClass.REFUSED, "Merge or delete"),
    ("! x [rejected] (stale info)", ErrorClass.REFUSED, "Merge or delete"),
    ("! x [remote rejected] (directory file conflict)", ErrorClass.REFUSED, "Rename or delete"),
    ("! x [remote rejected] (unpacker error)", ErrorClass.SERVER, "later"),
    (
        "remote: hardcoded processor names are not allowed\n! x [remote rejected] (no)",
        ErrorClass.REFUSED,
        "what the host asks",
    ),
    (
        "remote: Repository not found.\nfatal: repository 'https://github.com/o/r/' not found",
        ErrorClass.LAUNCH,
        "Check the repository's name",
    ),
    (
        ("remote: Your IP address is not on the IP allow list of the organization\n" + HTTP_403),
        ErrorClass.AUTH,
        "allow list",
    ),
]


@pytest.mark.parametrize(("said", "error_class", "remedy"), REFUSALS)
def test_every_refusal_has_its_words_and_its_remedy(
    said: str, error_class: ErrorClass, remedy: str
) -> None:
    failure = failure_of(GitFailed(("push",), reason="exit", stderr=said), doing="Pushing x")
    assert failure.error_class is error_class
    assert remedy in str(failure.remedy)
    words = host_message(said)
    assert words
    assert words in str(failure)
    assert failure.cause == words


def test_a_clone_that_is_refused_tells_the_hosts_words(runs: Runs, host: GitHost) -> None:
    host.rights = "none"
    host.refusal = "The 'acme' organization has enabled or enforced SAML SSO."
    with pytest.raises(WorkspaceFailed) as caught:
        runs.start().prepare()
    assert "SAML SSO" in str(caught.value)
    assert "single sign-on" in str(caught.value.remedy)


def test_a_refused_pull_request_is_spoken_of(runs: Runs, host: GitHost) -> None:
    host.drafts = False
    _, result = published(runs, "draft")
    assert joined_sentence(result.said) == (
        f"I pushed branch {BRANCH}; I could not open a pull request: "
        "Draft pull requests are not supported in this repository."
    )
    assert result.problem is not None
    assert result.problem.remedy == "Ask for `ready` instead of `draft`."
