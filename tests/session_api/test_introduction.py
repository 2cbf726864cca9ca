"""What the service says of itself at its root."""

from __future__ import annotations

import json
import re

import pytest

from aiwebhook.commands.catalogue import CATALOGUE
from session_api.introduction.page import page
from tests.support.session_api import ApiDriver

OPEN = ("/", "/llm-instructions", "/examples", "/llms.txt", "/.well-known/ai-webhook.json")


@pytest.mark.req("D10")
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("application/problem+json", "application/json"),
    ],
)
def test_the_root_is_a_page_for_people_and_json_for_who_prefers_it(
    driver: ApiDriver, accept: str, kind: str
) -> None:
    answer = driver.call("GET", "/", token=None, headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.req("D10")
@pytest.mark.parametrize("path", OPEN)
def test_it_names_its_own_url_whatever_a_request_says(driver: ApiDriver, path: str) -> None:
    lies = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "Forwarded": "host=evil.example",
    }
    for accept in ("text/html", "application/json"):
        answer = driver.call("GET", path, token=None, headers={**lies, "Accept": accept})
        assert answer.status == 200
        assert driver.api.public_url in answer.text
        assert "evil.example" not in answer.text


@pytest.mark.req("D10")
def test_every_address_that_it_names_is_served(driver: ApiDriver) -> None:
    url = driver.api.public_url
    texts = [driver.call("GET", path, token=None).text for path in OPEN]
    named = {found for text in texts for found in re.findall(rf"{re.escape(url)}(/[\w./-]+)", text)}
    elsewhere = {"/webhook", "/mcp", "/v1"}
    missing = [
        path
        for path in sorted(named - elsewhere)
        if driver.call("GET", path.rstrip("."), token=None).status != 200
    ]
    assert missing == []
    assert named >= {"/llm-instructions", "/examples", "/openapi.json", "/docs", "/mcp", "/webhook"}


@pytest.mark.req("D3")
def test_the_instructions_have_every_command_with_an_example(driver: ApiDriver) -> None:
    text = driver.call("GET", "/llm-instructions", token=None).text
    for name in CATALOGUE:
        section = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        (example,) = re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)
        assert json.loads(example)["command"] == name


@pytest.mark.req("D3", "D4")
@pytest.mark.parametrize("path", ["/", "/llm-instructions", "/llms.txt"])
def test_whoever_begins_anywhere_finds_the_examples(driver: ApiDriver, path: str) -> None:
    url = driver.api.public_url
    assert f"{url}/examples" in driver.call("GET", path, token=None).text
    text = driver.call("GET", "/examples", token=None).text
    for name in CATALOGUE:
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        request, reply = map(json.loads, re.findall(r"```json\n(.*?)\n```", section, re.DOTALL))
        assert request["command"] == reply["command"] == name
        assert reply["say"]


@pytest.mark.req("D10")
def test_the_page_brings_no_script_and_loads_nothing(driver: ApiDriver) -> None:
    answer = driver.call("GET", "/", token=None, headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.text
    assert not re.findall(r'(?:src|@import|url)\s*[=(]\s*["\']?https?:', answer.text)


@pytest.mark.req("D10")
def test_a_url_is_no_markup_on_the_page() -> None:
    text = page('https://x.example/"><script>alert(1)</script>')
    assert "<script>" not in text


@pytest.mark.req("D10")
def test_other_methods_are_refused_with_what_is_possible(driver: ApiDriver) -> None:
    answer = driver.call("POST", "/", {}, token=None)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
