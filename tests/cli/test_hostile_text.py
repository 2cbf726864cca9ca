# reason: one table of what every command is called with
"""No text of others drives the terminal, fakes a line or poses as our markup: every command, on a
terminal and in a pipe, in front of a server that tells something hostile in every text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer

from aiwebhook_cli.command_tree import command_tree
from aiwebhook_cli.demo import show as demo
from aiwebhook_cli.demo.story import AgentRun, Story
from aiwebhook_cli.main import run_command_line
from aiwebhook_cli.screen import Screen
from aiwebhook_runner.worker.worker_log import PlainWorkerLog
from tests.cli.conftest import CommandLine
from tests.support.deliveries import receive
from tests.support.http_front import HttpFront, LambdaHandler
from tests.support.rules import any_rule
from tests.support.session_api import BRIEF, session_api_handler
from tests.support.terminal import on_a_terminal

pytestmark = pytest.mark.req("S8")

HOSTILE = (
    "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x1b[31mfake\x1b[1A\rGone \x9b31m\x9d0;t\x9c\x1bPq\x1b\\\x00\x08"
    "\x7f\u202egpj\u2066\u200f\u2028[red]loud[/red] [link=https://evil.example]here[/link] :boom:"
)
# What Rich itself sends to a terminal without colours: bold and dim, and the live display.
_OWN = re.compile(r"\x1b\[(?:[0-2]|\?25[lh]|1A|2K)?m?(?=[^\d;]|$)")
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]"
)
_KEPT = re.compile(
    r"(?:_id|_at|_sha256|seq|cursor)$|^(?:status|created|last_activity|time|key|type)$"
)
TASK, FAILED, WAITING, KEY = "{task}", "{failed}", "{waiting}", "{key}"
DELIVERY, ARTIFACT, ENDPOINT = "{delivery}", "{artifact}", "{endpoint}"
CALLBACK = "{callback}"
RULE = "hostile"
_ROOT = Path(__file__).resolve().parents[2]
RULES_FILE = str(_ROOT / "examples/rules/github.toml")
ANY_JSON = str(_ROOT / "functions/session_api/openapi_examples.json")
COMMANDS: dict[str, list[list[str]]] = {
    "local up": [],  # its own words only, but for the folder and the port: test_local below
    "local down": [["local", "down"]],
    "local status": [["local", "status"]],
    "local logs": [],  # other texts than the server's: test_local_logs
    "local demo": [],  # test_what_the_demo_shows
    "session create": [["session", "create"], ["session", "create", "plan", "--title", HOSTILE]],
    "session list": [["session", "list"], ["session", "list", "--limit", "1"]],
    "session search": [["session", "search", "trees"], ["session", "search", HOSTILE]],
    "session summary": [["session", "summary", "plan"], ["session", "summary", HOSTILE]],
    "session show": [["session", "show", "plan"]],
    "session pause": [["session", "pause", "aside"]],
    "session resume": [["session", "resume", "aside"]],
    "session complete": [["session", "complete", "aside"]],
    "session export": [["session", "export", HOSTILE, "x"], ["session", "export", "plan", HOSTILE]],
    "session delete": [["session", "delete", "aside", "--yes"]],
    "task delegate": [
        ["task", "delegate", "plan", "researcher", HOSTILE],
        ["task", "delegate", "plan", HOSTILE, "x"],
        ["task", "delegate", "plan", "researcher", "x", "--input", HOSTILE],
        ["task", "delegate", "plan", "researcher", "x", "--input", f"@{HOSTILE}"],
    ],
    "task show": [["task", "show", TASK], ["task", "show", FAILED], ["task", "show", WAITING]],
    "task list": [["task", "list"], ["task", "list", "--limit", "1"]],
    "task cancel": [["task", "cancel", WAITING], ["task", "cancel", TASK]],
    "task retry": [["task", "retry", FAILED]],
    "task reply": [["task", "reply", FAILED, HOSTILE]],
    "task artifact": [
        ["task", "artifact", TASK],
        ["task", "artifact", TASK, "none"],
        ["task", "artifact", TASK, HOSTILE],
    ],
    "task watch": [["task", "watch", TASK], ["task", "watch", FAILED]],
    "memory list": [["memory", "list", "plan"], ["memory", "list", HOSTILE]],
    "memory show": [["memory", "show", "plan", "t"], ["memory", "show", "plan", HOSTILE]],
    "memory store": [
        ["memory", "store", "plan", "idea", HOSTILE, "--tag", HOSTILE],
        ["memory", "store", "plan", HOSTILE, "x"],
        ["memory", "store", "plan", "idea", "--fields", HOSTILE],
        ["memory", "store", "plan", "idea", f"@{HOSTILE}"],
    ],
    "memory delete": [["memory", "delete", "plan", HOSTILE, "--yes"]],
    "artifact list": [["artifact", "list"], ["artifact", "list", "--session", "plan"]],
    "artifact show": [["artifact", "show", ARTIFACT], ["artifact", "show", HOSTILE]],
    "artifact download": [
        ["artifact", "download", ARTIFACT],
        ["artifact", "download", ARTIFACT, HOSTILE, "--force"],
        ["artifact", "download", HOSTILE],
    ],
    "artifact create": [
        ["artifact", "create", "plan", HOSTILE, HOSTILE],
        ["artifact", "create", "plan", "x", f"@{HOSTILE}"],
    ],
    "agent list": [["agent", "list"]],
    "agent show": [["agent", "show", "nobody"], ["agent", "show", "researcher"]],
    "agent test": [["agent", "test", "local"]],
    "keys create": [["keys", "create", HOSTILE], ["keys", "create", "x", "--cidr", HOSTILE]],
    "keys list": [["keys", "list"]],
    "keys revoke": [["keys", "revoke", KEY], ["keys", "revoke", HOSTILE]],
    "keys rotate": [["keys", "rotate", HOSTILE], ["keys", "rotate", "key_none"]],
    "projects create": [
        ["projects", "create", "orchard", HOSTILE],
        ["projects", "create", HOSTILE],
    ],
    "projects list": [["projects", "list"]],
    "projects key": [["projects", "key", "orchard", HOSTILE], ["projects", "key", HOSTILE, "x"]],
    "audit": [["audit"], ["audit", "--action", HOSTILE]],
    "usage": [["usage"], ["usage", "--by", "session"], ["usage", "--since", HOSTILE]],
    "people add": [["people", "add", HOSTILE]],
    "people list": [["people", "list"]],
    "people reset": [["people", "reset", HOSTILE]],
    "connections list": [["connections", "list"]],
    "connections revoke": [["connections", "revoke", HOSTILE]],
    "subscriptions list": [["subscriptions", "list"]],
    "subscriptions end": [["subscriptions", "end", HOSTILE]],
    "subscriptions refill": [["subscriptions", "refill", HOSTILE]],
    "events list": [["events", "list"], ["events", "list", "--type", HOSTILE]],
    "events tail": [["events", "tail", "--after", HOSTILE]],  # it never ends: test_events
    "endpoints list": [["endpoints", "list"]],
    "endpoints show": [["endpoints", "show", ENDPOINT], ["endpoints", "show", HOSTILE]],
    "endpoints add": [
        ["endpoints", "add", HOSTILE],
        ["endpoints", "add", "http://127.0.0.1:1/", "--description", HOSTILE],
        ["endpoints", "add", "http://127.0.0.1:1/", "--event", HOSTILE],
    ],
    "endpoints change": [["endpoints", "change", ENDPOINT, "--description", HOSTILE]],
    "endpoints disable": [["endpoints", "disable", ENDPOINT]],
    "endpoints enable": [["endpoints", "enable", ENDPOINT]],
    "endpoints rotate": [["endpoints", "rotate", ENDPOINT]],
    "endpoints test": [["endpoints", "test", ENDPOINT], ["endpoints", "test", HOSTILE]],
    "endpoints delete": [["endpoints", "delete", HOSTILE, "--yes"]],
    "callbacks list": [["callbacks", "list"], ["callbacks", "list", "--status", HOSTILE]],
    "callbacks show": [["callbacks", "show", CALLBACK], ["callbacks", "show", HOSTILE]],
    "callbacks redeliver": [
        ["callbacks", "redeliver", CALLBACK],
        ["callbacks", "redeliver", HOSTILE],
        ["callbacks", "redeliver", "--failed"],
        ["callbacks", "redeliver", "--failed", "--since", HOSTILE],
    ],
    "deliveries list": [["deliveries", "list"], ["deliveries", "list", "--event", HOSTILE]],
    "deliveries show": [["deliveries", "show", DELIVERY], ["deliveries", "show", HOSTILE]],
    "deliveries body": [["deliveries", "body", HOSTILE]],  # the bytes are exact in a pipe
    "deliveries replay": [["deliveries", "replay", DELIVERY]],
    "sources create": [
        ["sources", "create", "github", "--description", HOSTILE],
        ["sources", "create", HOSTILE],
    ],
    "sources list": [["sources", "list"]],
    "sources show": [["sources", "show", HOSTILE]],
    "sources rotate": [["sources", "rotate", HOSTILE]],
    "sources disable": [["sources", "disable", HOSTILE]],
    "sources enable": [["sources", "enable", HOSTILE]],
    "sources delete": [["sources", "delete", HOSTILE]],
    "sources hook": [
        ["sources", "hook", HOSTILE],
        ["sources", "hook", HOSTILE, HOSTILE, "--token", "any token"],
    ],
    "sources reconcile": [["sources", "reconcile", HOSTILE, "--no-wait"]],
    "sources unhook": [["sources", "unhook", HOSTILE]],
    "rules apply": [["rules", "apply", HOSTILE], ["rules", "apply", RULES_FILE, "--prune"]],
    "rules list": [["rules", "list"]],
    "rules show": [["rules", "show", RULE], ["rules", "show", HOSTILE]],
    "rules runs": [["rules", "runs", RULE], ["rules", "runs", HOSTILE]],
    "rules test": [
        ["rules", "test", HOSTILE, "--event", "issues"],
        ["rules", "test", ANY_JSON, "--event", HOSTILE],
    ],
    "rules delete": [["rules", "delete", HOSTILE]],
    "listen": [],  # it never ends: test_listen
    "mcp channel": [],  # its output is a protocol: test_channel
    "mcp check": [["mcp", "check", HOSTILE], ["mcp", "check", "--file", HOSTILE]],
    "cloud check": [],  # AWS's words, and the CDK's own output: tests/cloud
    "cloud deploy": [],
    "cloud images": [],
    "cloud keys": [],
    "cloud status": [],
    "cloud migrate": [],
    "cloud destroy": [],
    "profile add": [["profile", "add", HOSTILE, HOSTILE]],
    "profile list": [["profile", "list"]],
    "profile use": [["profile", "use", HOSTILE]],
    "profile remove": [["profile", "remove", HOSTILE]],
    "retention show": [["retention", "show"]],
    "retention set": [["retention", "set", "events=30"], ["retention", "set", HOSTILE]],
    "migrate json-to-postgres": [["migrate", "json-to-postgres", HOSTILE]],
    "prune": [["prune", "--dry-run"], ["prune"]],
    "doctor": [["doctor"]],
    "completion": [["completion", "bash"], ["completion", HOSTILE]],
    "worker": [["worker", "--agents", HOSTILE], ["worker", "--agents", "x", "--name", HOSTILE]],
}
LINES = [line for lines in COMMANDS.values() for line in lines]


def leaves(command: Any, name: str = "") -> Iterator[str]:
    """The commands of an app that do something."""
    if not hasattr(command, "commands"):
        yield name
        return
    for word, inner in command.commands.items():
        yield from leaves(inner, f"{name} {word}".strip())


def poisoned(value: Any, name: str = "") -> Any:
    """The JSON with something hostile in every text that the server does not make itself."""
    if isinstance(value, dict):
        return {key: poisoned(item, key) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [poisoned(item, name) for item in cast("list[Any]", value)]
    if isinstance(value, str) and not _KEPT.search(name):
        return f"{value}{HOSTILE}"
    return value


def poisoning(handler: LambdaHandler) -> LambdaHandler:
    """A server that nobody should trust."""

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        answer = handler(event, context)
        if answer["body"] and event["path"] != "/readyz":
            answer["body"] = json.dumps(poisoned(json.loads(answer["body"])))
        return answer

    return handle


@pytest.fixture
def hostile(
    database: str, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> Generator[Callable[[list[str]], list[str]]]:
    """Puts ids into a command line, in front of a hostile server."""
    driver = cli.driver
    for session_id in ("plan", "aside"):
        driver.post(
            "/v1/sessions", {"session_id": session_id, "title": "T", "metadata": {"a": "b"}}
        )
    driver.post("/v1/sessions/plan/memories", {"type": "idea", "content": "Trees", "key": "t"})
    task = driver.task("plan")
    one = driver.claim()
    one.post("events", {"events": [{"type": "progress", "data": {"message": "half"}}]})
    one.post("events", {"events": [{"type": "tool_call", "data": {"name": "x", "summary": "y"}}]})
    kept = one.post("artifacts", {"name": "none", "type": "text", "content": "words"}).body
    one.post("complete", {"output": BRIEF | {"text": "long"}, "say": "Done."})
    failed = driver.task("plan")
    driver.claim().post("fail", {"error_class": "refused", "message": "No.", "remedy": "Ask."})
    key = driver.post("/v1/keys", {"name": "k", "scopes": ["read"]}).body["key_id"]
    driver.post("/v1/rules", any_rule(RULE, when=[], senders={"anyone": True}))
    came_in = receive(driver, b'{"action": "opened"}', event="issues").delivery_id
    endpoint = driver.post("/v1/endpoints", {"url": "http://127.0.0.1:1/", "description": "d"})
    endpoint_id = endpoint.body["endpoint_id"]
    callback = driver.post(f"/v1/endpoints/{endpoint_id}/ping").body["delivery_id"]
    ids = {ARTIFACT: kept["artifact_id"], ENDPOINT: endpoint_id, CALLBACK: callback}
    ids |= {DELIVERY: came_in, TASK: task, FAILED: failed, WAITING: driver.task("plan"), KEY: key}

    def line(arguments: list[str]) -> list[str]:
        return [ids.get(argument, argument) for argument in arguments]

    def handler() -> LambdaHandler:
        return poisoning(session_api_handler(database, driver.outside))

    with HttpFront(session_api=handler) as front:
        monkeypatch.setenv("AIWEBHOOK_URL", front.url)
        yield line


def _exact(arguments: list[str]) -> bool:
    """Whether the bytes of what was asked for by name are written, unchanged."""
    return arguments[:2] == ["task", "artifact"] and arguments[3:] == ["none"]


def harm_in(text: str) -> str | None:
    """What a terminal would act upon."""
    found = _HARMFUL.search(_OWN.sub("", text))
    return None if found is None else repr(text[max(0, found.start() - 30) : found.end() + 10])


def test_no_command_is_forgotten() -> None:
    assert set(leaves(typer.main.get_command(command_tree()))) == set(COMMANDS)


def test_nothing_hostile_reaches_a_pipe(
    hostile: Callable[[list[str]], list[str]], cli: CommandLine
) -> None:
    for arguments in LINES:
        for more in ([], ["--json"]):
            outcome = cli(*hostile(arguments), *more)
            if _exact(arguments) and not more:
                continue
            for text in (outcome.out, outcome.err):
                assert harm_in(text) is None, (arguments, more, harm_in(text))
                assert "Traceback" not in text


def test_nothing_hostile_reaches_a_terminal(
    hostile: Callable[[list[str]], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    for arguments in [*LINES, ["task", "show", TASK, "--json"], ["session", "list", "--json"]]:
        with on_a_terminal() as shown:
            run_command_line(hostile(arguments))
        text = shown().replace("\r\n", "\n")
        assert harm_in(text.replace("\r", "")) is None, (arguments, harm_in(text))
        assert "\x1b[31m" not in text
        assert "\x1b]8" not in text, "a link under other words"


def test_markup_of_others_is_shown_as_it_was_written(
    hostile: Callable[[list[str]], list[str]], cli: CommandLine
) -> None:
    shown = cli(*hostile(["task", "show", TASK])).out
    assert "[red]loud[/red] [link=https://evil.example]here[/link] :boom:" in shown


def test_what_the_demo_shows_is_clean() -> None:
    memory = {"content": {"text": HOSTILE}, "source": {"chunk_id": HOSTILE}}
    kinds = ("decision", "action_item", "question", "risk", "idea")
    task = {"say": HOSTILE, "agent_name": HOSTILE, "output": {"agent": {"version": HOSTILE}}}
    story = Story(
        session_id="s",
        memories={kind: [memory] for kind in kinds},
        runs=(AgentRun(agent_name=HOSTILE, task=task, hops=(), webhook_id=HOSTILE),),
        brief=f"# {HOSTILE}\n[words](https://evil.example) {HOSTILE}",
    )
    with on_a_terminal() as shown:
        demo.show_story(story, Screen())
        demo.show_agent_run(task, HOSTILE, live=False, console=Screen())
    text = re.sub(r"\x1b\[[\d;]*m", "", shown().replace("\r\n", "\n"))
    assert harm_in(text) is None, harm_in(text)


def test_what_a_worker_prints_is_clean(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+", encoding="utf-8") as stream:
        PlainWorkerLog(stream).write("took", f"took {HOSTILE}")
        stream.seek(0)
        assert harm_in(stream.read()) is None


def test_only_the_printing_module_writes() -> None:
    """What goes around it goes around the cleaner."""
    folder = Path(__file__).parents[2] / "cli" / "aiwebhook_cli"
    around = re.compile(
        r"(?<![\w.])print\(|\.stdout\.write|\.stderr\.write|Console\(|typer\.echo|Text\("
    )
    assert {
        path.name
        for path in folder.glob("*.py")
        if any(around.search(line) for line in path.read_text(encoding="utf-8").splitlines())
    } == {"printing.py", "streams.py"}, "streams.py writes texts of this package, none of others"
