"""`python -m benchmarks.queues NAME`: run one queue until SIGTERM; settings by environment."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import sys
import threading
from pathlib import Path

from benchmarks.queues import SYSTEMS
from benchmarks.queues.meter import Meter, Terms


def main(name: str) -> int:
    """The exit code: 0 after SIGTERM."""
    system, terms, stopping = SYSTEMS[name], Terms.from_env(), threading.Event()

    def stop(signum: int, frame: object) -> None:
        del signum, frame
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    meter = Meter(system=name, window_s=terms.window_s)
    manifest = json.loads(Path(__file__).with_name("adapter.json").read_text())
    meter.describe(
        manifest if name == manifest["system"] else {"system": name},
        importlib.metadata.version(system.package) if system.package else "source",
    )
    sampler = threading.Thread(target=meter.sample_until, args=(stopping, terms.sample_s))
    sampler.start()
    threading.Thread(target=system.run, args=(terms, meter, stopping), daemon=True).start()
    sampler.join()
    # Exit even if a library still waits for something: the protocol allows five seconds.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
