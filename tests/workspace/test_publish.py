"""How work reaches the repository's host, and what is told when it does not."""

from __future__ import annotations

import re

import pytest

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository import WorkspaceFailed, WorkspaceLimits
from aiwebhook_runner.repository.pull_request import GitHub, PullRequest
from aiwebhook_runner.repository.work import Published, Work
from tests.support.git_server import GitHost, git, write_files
from tests.support.loopback import answer, answering, service
from tests.workspace.conftest import BRANCH, SLUG, Run, Runs

pytestmark = pytest.mark.req("T4")


def worked(runs: Runs, pr: str, *, repo: str | None = SLUG, ref: str = "") -> tuple[Run, Work]:
    run = runs.start(repo=repo, ref=ref, pr=pr)
    run.prepare()
    write_files(run.work, {"new.txt": "1\n2\n"})
    return run, run.workspace.collect(user=None)


def published(runs: Runs, pr: str, *, repo: str | None = SLUG) -> tuple[Work, Published]:
    run, work = worked(runs, pr, repo=repo)
    return work, run.workspace.publish(work, title="Add a\nfile", body="Because.")


def tip(host: GitHost, branch: str = BRANCH) -> str:
    return git(host.path(SLUG), "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")


def test_the_work_is_reported_with_its_patch(runs: Runs, host: GitHost) -> None:
    run, work = worked(runs, "none")
    result = run.workspace.publish(work, title="t", body="b")
    assert work.as_json(result) == {
        "repo": SLUG,
        "ref": "main",
        "base": tip(host, "main"),
        "branch": BRANCH,
        "commit": work.commit,
        "files": 1,
        "insertions": 2,
        "deletions": 0,
        "patch_artifact": "changes.patch",
        "pushed": False,
        "pull_request": None,
    }
    assert work.patch is not None
    again = runs.start()
    again.prepare()
    git(again.work, "apply", str(work.patch))
    assert (again.work / "new.txt").read_text() == "1\n2\n"
    assert tip(host) == ""


def test_the_agents_own_commits_are_kept_and_leftovers_added(runs: Runs, host: GitHost) -> None:
    run = runs.start(pr="branch")
    run.prepare()
    write_files(run.work, {"mine.txt": "1\n"})
    git(run.work, "add", "-A")
    git(run.work, "commit", "-qm", "What I did")
    write_files(run.work, {"left.txt": "2\n"})
    work = run.workspace.collect(user=None)
    run.workspace.publish(work, title="t", body="b")
    told = git(host.path(SLUG), "log", "--format=%s", f"main..{BRANCH}").splitlines()
    assert told == ["Changes that the agent had not committed", "What I did"]


def test_a_branch_is_pushed_without_a_pull_request(runs: Runs, host: GitHost) -> None:
    work, result = published(runs, "branch")
    assert result == Published(branch=BRANCH, pushed=True)
    assert tip(host) == work.commit
    assert host.pulls == []


@pytest.mark.parametrize(("pr", "draft"), [("ready", False), ("draft", True)])
def test_a_pull_request_is_opened(runs: Runs, host: GitHost, pr: str, draft: bool) -> None:
    work, result = published(runs, pr)
    assert result.pull_request == f"https://github.com/{SLUG}/pull/1"
    assert work.as_json(result)["pull_request"] == result.pull_request
    [pull] = host.pulls
    assert (pull["title"], pull["body"], pull["draft"]) == ("Add a file", "Because.", draft)
    assert (pull["head"]["ref"], pull["base"]["ref"]) == (BRANCH, "main")


def test_it_goes_to_the_branch_the_work_began_on(runs: Runs, host: GitHost) -> None:
    host.commit(SLUG, {"other.txt": "1"}, branch="release")
    run, work = worked(runs, "ready", ref="release")
    run.workspace.publish(work, title="t", body="b")
    assert host.pulls[0]["base"]["ref"] == "release"


def test_from_a_tag_it_goes_to_the_default_branch(runs: Runs, host: GitHost) -> None:
    git(host.path(SLUG), "tag", "v1", "main")
    run, work = worked(runs, "ready", ref="v1")
    run.workspace.publish(work, title="t", body="b")
    assert host.pulls[0]["base"]["ref"] == "main"


def test_a_second_attempt_replaces_its_branch_and_uses_the_pull_request(
    runs: Runs, host: GitHost
) -> None:
    published(runs, "ready")
    run = runs.start(pr="ready")
    run.prepare()
    write_files(run.work, {"other.txt": "3\n"})
    work = run.workspace.collect(user=None)
    result = run.workspace.publish(work, title="t", body="b")
    assert result.pushed, result.problem
    assert result.pull_request == f"https://github.com/{SLUG}/pull/1"
    assert tip(host) == work.commit
    assert len(host.pulls) == 1


def test_commits_of_others_are_never_overwritten(runs: Runs, host: GitHost) -> None:
    published(runs, "branch")
    theirs = host.commit(SLUG, {"person.txt": "mine"}, branch=BRANCH)
    run = runs.start(pr="branch")
    run.prepare()
    write_files(run.work, {"other.txt": "3\n"})
    work = run.workspace.collect(user=None)
    result = run.workspace.publish(work, title="t", body="b")
    assert not result.pushed
    assert "somebody else" in str(result.problem)
    assert tip(host) == theirs
    assert work.patch is not None


@pytest.mark.parametrize("pr", ["branch", "ready"])
def test_a_token_that_may_not_push_costs_no_work(runs: Runs, host: GitHost, pr: str) -> None:
    run, work = worked(runs, pr)
    host.rights = "read"
    result = run.workspace.publish(work, title="t", body="b")
    told = work.as_json(result)
    assert (told["pushed"], told["patch_artifact"]) == (False, "changes.patch")
    assert result.problem is not None
    assert result.problem.error_class is ErrorClass.AUTH
    assert "GITHUB_TOKEN" in str(told["remedy"])


def test_a_token_that_may_not_open_pull_requests_leaves_the_branch(
    runs: Runs, host: GitHost
) -> None:
    run, work = worked(runs, "ready")
    host.rights = "write"
    result = run.workspace.publish(work, title="t", body="b")
    assert result.pushed
    assert result.problem is not None
    assert result.problem.error_class is ErrorClass.AUTH
    assert "Resource not accessible" in str(result.problem)


def test_where_drafts_are_unknown_none_is_opened_as_ready(runs: Runs, host: GitHost) -> None:
    host.drafts = False
    _, result = published(runs, "draft")
    assert result.pushed
    assert host.pulls == []
    assert "Draft pull requests are not supported" in str(result.problem)


def test_rules_of_the_repository_are_told(runs: Runs, host: GitHost) -> None:
    hook = host.path(SLUG) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho GH013: Repository rule violations found >&2\nexit 1\n")
    hook.chmod(0o755)
    _, result = published(runs, "branch")
    assert not result.pushed
    assert result.problem is not None
    assert result.problem.error_class is ErrorClass.REFUSED
    assert "rules" in str(result.problem)


def test_nothing_is_published_when_nothing_changed(runs: Runs, host: GitHost) -> None:
    run = runs.start(pr="ready")
    run.prepare()
    work = run.workspace.collect(user=None)
    result = run.workspace.publish(work, title="t", body="b")
    assert result == Published(branch=BRANCH)
    told = work.as_json(result)
    assert (told["commit"], told["files"], told["patch_artifact"]) == (None, 0, None)
    assert tip(host) == ""


def test_elsewhere_than_on_github_there_is_a_branch_only(runs: Runs, host: GitHost) -> None:
    _, result = published(runs, "ready", repo=f"file://{host.path(SLUG)}")
    assert result.pushed
    assert "GitHub" in str(result.problem)


def test_an_empty_repository_gets_its_first_branch(runs: Runs, host: GitHost) -> None:
    host.create("octo/empty")
    _, result = published(runs, "branch", repo="octo/empty")
    assert result.pushed
    names = git(host.path("octo/empty"), "ls-tree", "--name-only", BRANCH)
    assert names == "new.txt"


def test_an_unreachable_api_is_a_network_failure() -> None:
    asked = PullRequest(slug=SLUG, head="a", base="b", title="t", body="b", draft=False)
    with pytest.raises(WorkspaceFailed) as caught:
        GitHub(api_url="http://127.0.0.1:9/api/v3", token="t").open(asked)
    assert caught.value.error_class is ErrorClass.NETWORK


@pytest.mark.parametrize(
    ("status", "body", "error_class"),
    [
        (201, "<html>", ErrorClass.SERVER),
        (201, "[]", ErrorClass.SERVER),
        (301, '{"message": "Moved Permanently"}', ErrorClass.REFUSED),
        (403, '{"message": "You have exceeded a secondary rate limit"}', ErrorClass.RATE_LIMIT),
        (404, '{"message": "Not Found"}', ErrorClass.AUTH),
        (422, '{"message": "Validation Failed", "errors": ["odd"]}', ErrorClass.REFUSED),
        (429, "", ErrorClass.RATE_LIMIT),
        (503, "down", ErrorClass.SERVER),
    ],
)
def test_every_answer_of_github_becomes_a_reason(
    status: int, body: str, error_class: ErrorClass
) -> None:
    asked = PullRequest(slug=SLUG, head="a", base="b", title="t", body="b", draft=False)
    response = answer(status, body, "Retry-After: 60", "Connection: close")
    with service(answering(response)) as api, pytest.raises(WorkspaceFailed) as caught:
        GitHub(api_url=api.url, token="t").open(asked)
    assert caught.value.error_class is error_class
    assert caught.value.remedy


def test_changes_are_counted_by_kind(runs: Runs) -> None:
    run = runs.start()
    run.prepare()
    (run.work / "README.md").unlink()
    (run.work / "src" / "main.py").chmod(0o755)
    (run.work / "binary").write_bytes(b"\0\1\2")
    (run.work / "täst \n.txt").write_text("a\nb\n")
    work = run.workspace.collect(user=None)
    assert {file.path: file.change for file in work.files} == {
        "README.md": "deleted",
        "src/main.py": "modified",
        "binary": "created",
        "täst \n.txt": "created",
    }
    assert (work.insertions, work.deletions) == (2, 1)


def test_a_patch_over_its_limit_is_left_away_and_the_work_kept(
    runs: Runs,
) -> None:
    run = runs.start(pr="branch", limits=WorkspaceLimits(max_patch_bytes=100))
    run.prepare()
    write_files(run.work, {"long.txt": "x\n" * 1000})
    work = run.workspace.collect(user=None)
    assert work.patch is None
    result = run.workspace.publish(work, title="t", body="b")
    assert result.pushed
    assert work.as_json(result)["patch_artifact"] is None


def test_the_run_leaves_nothing_behind(runs: Runs) -> None:
    run, work = worked(runs, "branch")
    run.workspace.publish(work, title="t", body="b")
    names = {path.name for path in run.folders.root.iterdir()}
    assert names == {"work", "home", "tmp", "repository", "scratch", "changes.patch"}
    assert list((run.folders.root / "scratch").iterdir()) == []
    run.folders.remove()
    assert not run.folders.root.exists()
    assert re.fullmatch("[0-9a-f]{40}", work.commit)
