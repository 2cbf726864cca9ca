"""A real Chromium, driven through its own pipe (Chrome DevTools Protocol): no driver, no port."""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

Json = dict[str, Any]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--no-proxy-server",
)
# Chromium reads commands from descriptor 3 and writes answers to 4, each ended by a zero byte.
_ON_ITS_PIPE = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null'
_WITHIN_S = 120


def chromium() -> str | None:
    """The program; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One tab. What it waits for is an event of the browser, never a time."""

    def __init__(self, commands: IO[bytes], messages: queue.Queue[Json]) -> None:
        self._commands = commands
        self._messages = messages
        self._events: deque[Json] = deque()
        self._last_id = 0
        self._session: Json = {}
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        self.send("Page.enable")

    def send(self, method: str, **params: Any) -> Json:
        """A command's result."""
        self._last_id += 1
        command = {"id": self._last_id, "method": method, "params": params, **self._session}
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while (message := self._messages.get(timeout=_WITHIN_S)).get("id") != self._last_id:
            self._events.append(message)
        assert "error" not in message, f"{method}: {message['error']}"
        return message["result"]

    def open(self, url: str) -> None:
        """Go to a page, until it is loaded whole with its frames."""
        self._events.clear()
        self.send("Page.navigate", url=url)
        self.arrive(url)

    def click(self, selector: str) -> None:
        """Press what is there, where it is, as a finger does."""
        self._events.clear()
        box = self.evaluate(
            f"(it => (it.scrollIntoView({{block: 'center'}}), it.getBoundingClientRect().toJSON()))"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)

    def write(self, text: str) -> None:
        """Into the field that has the focus."""
        self.send("Input.insertText", text=text)

    def arrive(self, url: str) -> None:
        """Wait for a page of which the address begins so."""
        self._until(lambda event: _main_frame(event).get("url", "").startswith(url))
        self._until(lambda event: event["method"] == "Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """What a piece of JavaScript comes to, once it is there."""
        told = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    @property
    def text(self) -> str:
        """What a person reads."""
        return self.evaluate("document.body.innerText")

    @property
    def frames(self) -> list[Json]:
        """The frames in the page; one that was refused has an `unreachableUrl`."""
        tree = self.send("Page.getFrameTree")["frameTree"]
        return [child["frame"] for child in tree.get("childFrames", [])]

    def looks(self, *, width: int, height: int, dark: bool = False) -> None:
        """The size of the screen, narrow ones being phones, and the scheme of colours."""
        phone = width < 600
        screen = {"width": width, "height": height, "mobile": phone}
        self.send(
            "Emulation.setDeviceMetricsOverride", deviceScaleFactor=2 if phone else 1, **screen
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, file: Path) -> None:
        """What the screen shows, as PNG."""
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def _until(self, wanted: Callable[[Json], bool]) -> None:
        while True:
            event = self._events.popleft() if self._events else None
            if wanted(event or self._messages.get(timeout=_WITHIN_S)):
                return


def _read(answers: IO[bytes], messages: queue.Queue[Json]) -> None:
    rest = b""
    while chunk := os.read(answers.fileno(), 65536):
        *whole, rest = (rest + chunk).split(b"\0")
        for message in whole:
            messages.put(json.loads(message))


def _main_frame(event: Json) -> Json:
    """The frame that has come to another page; {} where the event says something else."""
    frame: Json = event["params"].get("frame", {})
    navigated = event["method"] == "Page.frameNavigated" and "parentId" not in frame
    return frame if navigated else {}


@contextmanager
def browsing(program: str, home: Path) -> Generator[Tab]:
    """A tab of a browser that knows nothing yet; it keeps its files in `home`."""
    command = ("sh", "-c", _ON_ITS_PIPE, "sh", program, *_FLAGS, f"--user-data-dir={home}")
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "HOME": str(home)},
        start_new_session=True,
    )
    messages: queue.Queue[Json] = queue.Queue()
    answers = cast("IO[bytes]", process.stdout)
    reader = threading.Thread(target=_read, args=(answers, messages), daemon=True)
    with process:
        reader.start()
        try:
            yield Tab(cast("IO[bytes]", process.stdin), messages)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            reader.join(timeout=60)
