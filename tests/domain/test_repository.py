"""Which names of repositories and refs are taken: nothing that passes carries credentials or can be
read as an option.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.repository import ref_fault, repository_fault


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    "repo",
    [
        "octo-org/hello.world",
        "https://github.com/a/b.git",
        "https://git.example.com:8443/team/project",
        "https://[2001:db8::1]/a",
        "http://127.0.0.1:8080/a",
        "http://localhost/a",
        "file:///home/ana/projects/a",
    ],
)
def test_a_repository_is_an_https_url_or_a_name_on_github(repo: str) -> None:
    assert repository_fault(repo) is None


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    ("repo", "rule"),
    [
        ("https://ana:secret@github.com/a/b", "credentials"),
        ("https://token@github.com/a/b", "credentials"),
        ("https://github.com/a/b?token=x", "without query"),
        ("https://github.com/a/b#main", "without query"),
        ("https://github.com", "not a host alone"),
        ("http://github.com/a/b", "must be an https URL"),
        ("ssh://github.com/a/b", "must be an https URL"),
        ("git@github.com:a/b", "must be an https URL"),
        ("ext::sh -c touch% /tmp/x", "must be an https URL"),
        ("--upload-pack=/bin/sh", "must be an https URL"),
        ("-a/b", "must be an https URL"),
        ("a/..", "must be an https URL"),
        ("a/b/c", "must be an https URL"),
        ("https://-x/y", "must be an https URL"),
        ("https://h:99999/y", "must be an https URL"),
        ("https://h:0/y", "must be an https URL"),
        ("https://h/a b", "must be an https URL"),
        ("https://h/a\n", "must be an https URL"),
        ("file://tmp/x", "absolute path"),
        ("file:///a/../b", "absolute path"),
        ("file:///", "absolute path"),
        ("file:///a?x", "absolute path"),
    ],
)
def test_everything_else_is_refused_with_the_rule(repo: str, rule: str) -> None:
    assert rule in (repository_fault(repo) or "nothing")


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    "ref", ["main", "v1.2", "feature/x_y", "refs/heads/main", "0a1b2c3", "deps/@types/node", "a=b"]
)
def test_a_ref_is_what_git_would_call_a_branch_a_tag_or_a_commit(ref: str) -> None:
    assert ref_fault(ref) is None


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    "ref",
    [
        *("-x", "--force", "a..b", "a/", "/a", "a//b", ".a", "a/.b", "a.lock", "a.", "HEAD~1"),
        *("a@{1}", "a b", "a\n", "a:b", "a^", "x" * 256, "@", "ä"),
    ],
)
def test_what_git_would_read_as_something_else_is_no_ref(ref: str) -> None:
    assert ref_fault(ref) is not None


@pytest.mark.req("T1")
@given(st.text(alphabet=st.sampled_from("ahtps:/@.-_ \n?#%[]\\0"), max_size=40))
def test_no_text_crashes_the_rules_and_none_that_passes_is_an_option(text: str) -> None:
    for fault_of in (repository_fault, ref_fault):
        if fault_of(text) is None:
            assert not text.startswith("-")
            assert not any(character.isspace() for character in text)
