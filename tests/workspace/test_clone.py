"""What a run finds in its work folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository import WorkspaceFailed, WorkspaceLimits
from aiwebhook_runner.repository.failures import failure_of
from aiwebhook_runner.repository.git import GitFailed
from tests.support.git_server import GitHost, git, running_git_host
from tests.workspace.conftest import BRANCH, SLUG, TOKEN, Runs

pytestmark = pytest.mark.req("T4")


def test_a_run_gets_a_clean_clone_on_a_branch_of_its_own(runs: Runs, host: GitHost) -> None:
    run = runs.start()
    run.prepare()
    assert (run.work / "README.md").read_text() == "hello\n"
    assert git(run.work, "branch", "--show-current") == BRANCH
    assert git(run.work, "status", "--porcelain") == ""
    assert git(run.work, "remote", "get-url", "origin") == f"{host.url}/{SLUG}.git"
    assert git(run.work, "rev-parse", "origin/main") == git(run.work, "rev-parse", "HEAD")


def test_commits_carry_the_agents_identity(runs: Runs) -> None:
    run = runs.start()
    run.prepare()
    unset = {"GIT_AUTHOR_NAME": "", "GIT_COMMITTER_NAME": "", "GIT_COMMITTER_EMAIL": ""}
    assert git(run.work, "config", "user.name", **unset) == "AI Webhook agent"
    assert git(run.work, "config", "user.email", **unset) == "agent@aiwebhook.invalid"


@pytest.mark.parametrize("kind", ["branch", "tag", "annotated", "commit", "short", "pull"])
def test_any_ref_can_be_asked_for(runs: Runs, host: GitHost, kind: str) -> None:
    commit = host.commit(SLUG, {"extra.txt": "1\n"}, branch="feature/x")
    bare = host.path(SLUG)
    git(bare, "tag", "v1", commit)
    git(bare, "tag", "-a", "v2", "-m", "two", commit)
    git(bare, "update-ref", "refs/pull/7/head", commit)
    refs = {
        "branch": "feature/x",
        "tag": "v1",
        "annotated": "v2",
        "commit": commit,
        "short": commit[:9],
        "pull": "pull/7/head",
    }
    run = runs.start(ref=refs[kind])
    run.prepare()
    assert git(run.work, "rev-parse", "HEAD") == commit
    assert (run.work / "extra.txt").exists()


def test_a_branch_wins_over_a_tag_of_its_name(runs: Runs, host: GitHost) -> None:
    first = git(host.path(SLUG), "rev-parse", "main")
    git(host.path(SLUG), "tag", "both", first)
    commit = host.commit(SLUG, {"extra.txt": "1\n"}, branch="both")
    run = runs.start(ref="both")
    run.prepare()
    assert git(run.work, "rev-parse", "HEAD") == commit


def test_the_history_is_cut_short(runs: Runs, host: GitHost) -> None:
    for number in range(4):
        host.commit(SLUG, {"count.txt": str(number)})
    run = runs.start(limits=WorkspaceLimits(depth=3))
    run.prepare()
    assert git(run.work, "rev-list", "--count", "HEAD") == "3"


def test_a_commit_is_found_on_a_server_that_gives_no_single_ones(runs: Runs, host: GitHost) -> None:
    first = git(host.path(SLUG), "rev-parse", "main")
    host.commit(SLUG, {"later.txt": "1"})
    host.protocol = False
    run = runs.start(ref=first)
    run.prepare()
    assert git(run.work, "rev-parse", "HEAD") == first


@pytest.mark.parametrize("repo", [None, "octo/empty"])
def test_without_files_there_is_a_repository_all_the_same(
    runs: Runs, host: GitHost, repo: str | None
) -> None:
    host.create("octo/empty")
    run = runs.start(repo=repo)
    run.prepare()
    (run.work / "new.txt").write_text("1\n")
    assert git(run.work, "status", "--porcelain") == "?? new.txt"
    work = run.workspace.collect(user=None)
    assert [change.as_json() for change in work.files] == [{"path": "new.txt", "change": "created"}]


def test_neither_submodules_nor_large_files_are_fetched(runs: Runs, host: GitHost) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    host.create("octo/lib", {"lib.txt": "1"})
    git(host.path(SLUG), "config", "receive.fsckObjects", "false")
    host.commit(
        SLUG,
        {
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "model.bin": pointer,
            ".gitmodules": f'[submodule "lib"]\n\tpath = lib\n\turl = {host.url}/octo/lib.git\n',
        },
    )
    before = len(host.requests)
    run = runs.start()
    run.prepare()
    assert (run.work / "model.bin").read_text() == pointer
    assert not any("octo/lib" in seen.path for seen in host.requests[before:])


@pytest.mark.parametrize(
    "repo",
    [
        "git@github.com:octo/app.git",
        "ssh://git@github.com/octo/app.git",
        "https://user:hunter2@github.com/octo/app",
        "https://hunter2@github.com/octo/app",
        "http://example.com/octo/app.git",
        "ext::sh -c 'touch /tmp/x'",
        "--upload-pack=touch /tmp/x",
        "/etc",
        "octo",
        "https://github.com/octo/app?hunter2",
        "https:///octo/app",
        "https://github.com/octo/app\n-x",
        "https://[bad/octo/app",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(runs: Runs, repo: str) -> None:
    run = runs.start(repo=repo)
    with pytest.raises(WorkspaceFailed) as caught:
        run.prepare()
    assert caught.value.error_class is ErrorClass.LAUNCH
    assert caught.value.retryable is False
    assert caught.value.remedy
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_local_repositories_need_permission(runs: Runs, host: GitHost, scheme: str) -> None:
    repo = f"file://{host.path(SLUG)}" if scheme == "file" else f"{host.url}/{SLUG}.git"
    run = runs.start(repo=repo, allow_local=False)
    with pytest.raises(WorkspaceFailed, match="not cloned by"):
        run.prepare()


@pytest.mark.parametrize(
    "ref", ["-x", "a..b", "a b", "a:b", "x^{}", "HEAD~1", "a\nb", "*", "--upload-pack=x", "x" * 300]
)
def test_a_ref_that_can_be_none_is_refused(runs: Runs, host: GitHost, ref: str) -> None:
    with pytest.raises(WorkspaceFailed, match="cannot be the name"):
        runs.start(ref=ref).prepare()
    assert not host.requests


@pytest.mark.parametrize("ref", ["nowhere", "0" * 40, "abcdef1"])
def test_a_missing_ref_is_named(runs: Runs, ref: str) -> None:
    with pytest.raises(WorkspaceFailed, match=f"no branch, tag or commit {ref}") as caught:
        runs.start(ref=ref).prepare()
    assert caught.value.retryable is False


@pytest.mark.parametrize("token", ["", "ghs_wrong"])
def test_without_the_right_token_the_class_is_auth(runs: Runs, token: str) -> None:
    with pytest.raises(WorkspaceFailed, match="credentials") as caught:
        runs.start(token=token).prepare()
    assert caught.value.error_class is ErrorClass.AUTH
    assert "GITHUB_TOKEN" in (caught.value.remedy or "")


def test_a_token_without_rights_is_distinguished_from_a_wrong_one(
    runs: Runs, host: GitHost
) -> None:
    host.rights = "none"
    with pytest.raises(WorkspaceFailed, match="not allowed") as caught:
        runs.start().prepare()
    assert caught.value.error_class is ErrorClass.AUTH


def test_an_unknown_repository_is_reported(runs: Runs) -> None:
    with pytest.raises(WorkspaceFailed, match="no such repository") as caught:
        runs.start(repo="octo/nothing").prepare()
    assert caught.value.error_class is ErrorClass.LAUNCH


def test_a_folder_that_is_not_a_repository_is_reported_and_not_retried(
    runs: Runs, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceFailed, match="no such repository") as caught:
        runs.start(repo=(tmp_path / "nothing").as_uri()).prepare()
    assert (caught.value.retryable, "name" in (caught.value.remedy or "")) == (False, True)


def test_the_reason_git_gives_is_reported_without_the_advice_below_it() -> None:
    said = "Cloning into 'x'\nfatal: Something new.\n\nPlease make sure\nand something exists.\n"
    failed = failure_of(GitFailed(("clone",), reason="exit", stderr=said), doing="Cloning x")
    assert str(failed) == "Cloning x failed: fatal: Something new."
    assert "git by hand" in (failed.remedy or "")


def test_an_unreachable_host_is_a_network_failure(runs: Runs) -> None:
    with pytest.raises(WorkspaceFailed) as caught:
        runs.start(repo="http://127.0.0.1:9/octo/app.git").prepare()
    assert caught.value.error_class is ErrorClass.NETWORK


def test_a_repository_over_the_limit_is_refused(runs: Runs, host: GitHost) -> None:
    host.commit(SLUG, {"zeros.txt": "0" * 500_000})
    limits = WorkspaceLimits(max_repository_bytes=100_000)
    with pytest.raises(WorkspaceFailed, match="more space") as caught:
        runs.start(limits=limits).prepare()
    assert caught.value.retryable is False


def test_a_download_is_cut_at_the_limit(runs: Runs, host: GitHost) -> None:
    host.commit(SLUG, {"noise.txt": os.urandom(300_000).hex()})
    limits = WorkspaceLimits(max_repository_bytes=1000)
    with pytest.raises(WorkspaceFailed, match="more space"):
        runs.start(limits=limits).prepare()


def test_too_many_files_are_refused(runs: Runs) -> None:
    with pytest.raises(WorkspaceFailed, match="more space"):
        runs.start(limits=WorkspaceLimits(max_repository_files=1)).prepare()


def test_a_clone_that_takes_too_long_is_ended(runs: Runs) -> None:
    with pytest.raises(WorkspaceFailed, match="too long") as caught:
        runs.start(limits=WorkspaceLimits(clone_s=0.0)).prepare()
    assert caught.value.error_class is ErrorClass.TIMEOUT


def test_the_token_goes_to_its_own_host_only(runs: Runs, tmp_path: Path) -> None:
    with running_git_host(tmp_path, token=TOKEN) as stranger:
        stranger.create("octo/app", {"a": "1"})
        with pytest.raises(WorkspaceFailed):
            runs.start(repo=f"{stranger.url}/octo/app.git").prepare()
        assert stranger.requests
        assert all(seen.authorization is None for seen in stranger.requests)


def test_a_runner_without_git_says_so(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceFailed, match="git cannot be started") as caught:
        runs.start(search_path=str(tmp_path)).prepare()
    assert "Install git" in (caught.value.remedy or "")
