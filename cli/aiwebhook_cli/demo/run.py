"""`aiwebhook local demo`: on a stack of its own, or on the one that runs already."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.text import Text

from aiwebhook.client import Client
from aiwebhook.sealed import close_to_others
from aiwebhook_cli.demo import agent_cli
from aiwebhook_cli.demo.fake_chat import following_chat
from aiwebhook_cli.demo.meeting import read_meeting
from aiwebhook_cli.demo.receiver import running_receiver
from aiwebhook_cli.demo.show import DONE_MARK, show_agent_run, show_story
from aiwebhook_cli.demo.story import meeting_file, tell
from aiwebhook_cli.screen import Screen, styled
from aiwebhook_local.ports import free_port
from aiwebhook_local.settings import forget_agent_keys
from aiwebhook_local.stack import StackInfo, StackOptions, running_stack
from aiwebhook_local.supervisor import stack_status

_WIDTH = 120  # characters; a brief in lines of five hundred is read by nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStack:
    """The stack that the demo uses; `own` is the one that it has started itself."""

    url: str
    api_key: str
    own: StackInfo | None = None


def run_demo(options: StackOptions, console: Screen) -> None:
    """Run the demo. Raises DemoFailed, StackAlreadyRunning and what starting the stack raises."""
    started = time.monotonic()
    console.width = min(console.width, _WIDTH)
    plan = agent_cli.plan(options.project, port=free_port())
    close_to_others()
    forget_agent_keys()
    # Nobody edits the code meanwhile, and the story has no room for reloads. No key of a provider
    # either, until the last step: the researcher would use it, and cost.
    options = replace(options, hot_reload=False, agent_keys={}, task_variables=plan.task_variables)
    meeting = read_meeting(meeting_file(options.project.root))
    with _stack(options, console) as target, running_receiver() as receiver:
        with (
            Client(target.url, api_key=target.api_key) as client,
            following_chat(client, target.own) as chat,
        ):
            story = tell(
                client, receiver, meeting, lambda line: console.print(styled(DONE_MARK, line))
            )
            woken = None if chat is None else chat.says(story.runs[-1].task["task_id"])
        show_story(story, console)
        _agent_step(options, target, plan, console)
        _show_chat(woken, console)
        used = None if target.own else target.url
    console.print(Text.from_markup(_what_next(time.monotonic() - started, used)))


def _show_chat(woken: str | None, console: Screen) -> None:
    """`woken` is what the chat said; None where there was none."""
    if woken is None:
        why_not = "it needs openssl, and a stack of its own."
        console.print(styled(("• ", "yellow"), f"The fake chat is left out: {why_not}"))
        return
    console.print(styled(DONE_MARK, "A signed event, task.updated, has woken the chat."))
    console.print(styled(("  fake chat: ", "bold"), f"“{woken}”\n"))


def _agent_step(
    options: StackOptions, target: DemoStack, plan: agent_cli.Plan, console: Screen
) -> None:
    """A real CLI at work, or one line why not. Raises DemoFailed when it does not succeed."""
    left_out = "The step with a real agent CLI is left out:"
    if target.own is None:
        why_not = "it needs a stack of its own, and another one is running."
        console.print(styled(("• ", "yellow"), f"{left_out} {why_not}"))
        return
    try:
        agent_cli.install(options.project, plan, console)
        # Below the stack's folder: an agent that runs as another user can get there.
        with tempfile.TemporaryDirectory(dir=options.home.temporary) as name:
            folder = Path(name)
            repository = agent_cli.make_repository(folder)
            _work_on(repository, target.own, plan, console)
    except agent_cli.Skipped as why:
        console.print(styled(("• ", "yellow"), f"{left_out} {why}"))


def _work_on(repository: Path, stack: StackInfo, plan: agent_cli.Plan, console: Screen) -> None:
    stack.keep_agent_keys({plan.provider.key: plan.key})
    with contextlib.ExitStack() as cleanup:
        if not plan.live:
            cleanup.enter_context(agent_cli.scripted_provider(plan, repository.parent))
        console.print(Text.from_markup(agent_cli.heading(plan)))
        client = cleanup.enter_context(Client(stack.url, api_key=stack.api_key))
        task = agent_cli.work(client, plan, repository, console)
        show_agent_run(task, agent_cli.patch_of(client, task), live=plan.live, console=console)


@contextlib.contextmanager
def _stack(options: StackOptions, console: Screen) -> Generator[DemoStack]:
    running = stack_status(options.home)
    if running.url is not None:
        console.print(styled(DONE_MARK, f"Using the stack that runs at {running.url}."))
        yield DemoStack(url=running.url, api_key=running.api_key_file.read_text().strip())
        return
    with console.status("starting Postgres, the AWS emulator and the stack …"):
        starting = running_stack(options=options)
        stack = starting.__enter__()
    try:
        ready = f"The stack is ready at {stack.url} after {stack.ready_s:.1f} s."
        console.print(styled(DONE_MARK, ready))
        yield DemoStack(url=stack.url, api_key=stack.api_key, own=stack)
    finally:
        starting.__exit__(None, None, None)


def _what_next(seconds: float, used: str | None) -> str:
    """`used` is the address of a stack that ran before, and runs on."""
    left = (
        f"It used the stack at {used}, which keeps running."
        if used
        else "The stack is stopped; its data stays in .local."
    )
    keep = (
        "  make up                             keep it running: prints URL, API key, a curl line\n"
    )
    return (
        f"[bold green]Done in {seconds:.1f} s.[/] {left}\n\n"
        "[bold]What next[/]\n"
        f"{'' if used else keep}"
        "  .venv/bin/aiwebhook session list    what the demo left behind (while `make up` runs)\n"
        "  README.md                           point ChatGPT or Claude at it; deploy it"
    )
