"""`aiwebhook local demo`: on a stack of its own, or on the one that runs already."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from rich.console import Console

from aiwebhook.client import Client
from aiwebhook_local.demo.meeting import read_meeting
from aiwebhook_local.demo.receiver import running_receiver
from aiwebhook_local.demo.show import show
from aiwebhook_local.demo.story import meeting_file, tell
from aiwebhook_local.stack import StackOptions, running_stack
from aiwebhook_local.supervisor import status

_WIDTH = 120  # characters; a brief in lines of five hundred is read by nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The stack that the demo uses."""

    url: str
    api_key: str


def run_demo(options: StackOptions, console: Console) -> None:
    """Run the demo. Raises DemoFailed, StackAlreadyRunning and what starting the stack raises."""
    started = time.monotonic()
    console.width = min(console.width, _WIDTH)
    # Nobody edits the code meanwhile, and the story has no room for reloads.
    options = replace(options, hot_reload=False)
    meeting = read_meeting(meeting_file(options.project.root))
    with _stack(options, console) as target, running_receiver() as receiver:
        with Client(target.url, api_key=target.api_key) as client:
            story = tell(
                client, receiver, meeting, lambda line: console.print(f"[green]•[/] {line}")
            )
        show(story, console)
    console.print(_what_next(time.monotonic() - started))


@contextlib.contextmanager
def _stack(options: StackOptions, console: Console) -> Generator[Target]:
    running = status(options.home)
    if running.running and running.url is not None:
        console.print(f"[green]•[/] Using the stack that runs at {running.url}.")
        yield Target(url=running.url, api_key=running.api_key_file.read_text().strip())
        return
    with console.status("starting Postgres, the AWS emulator and the stack …"):
        starting = running_stack(options=options)
        stack = starting.__enter__()
    try:
        console.print(f"[green]•[/] The stack is ready at {stack.url} after {stack.ready_s:.1f} s.")
        yield Target(url=stack.url, api_key=stack.api_key)
    finally:
        starting.__exit__(None, None, None)


def _what_next(seconds: float) -> str:
    return (
        f"[bold green]Done in {seconds:.1f} s.[/] What was started is stopped;"
        " the data stays in .local.\n\n"
        "[bold]What next[/]\n"
        "  make up                             keep it running: prints URL, API key, a curl line\n"
        "  .venv/bin/aiwebhook session list    what the demo left behind (while `make up` runs)\n"
        "  README.md                           point ChatGPT or Claude at it; deploy it"
    )
