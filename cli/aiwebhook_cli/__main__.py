"""`python -m aiwebhook_cli`, and the command `aiwebhook`."""

import gc
import sys

# New objects until rubbish is looked for: with Python's 700, importing means a hundred searches.
_OBJECTS = 20_000


def entry() -> None:
    """Run and exit. Ctrl-C counts from the first moment on: importing takes a tenth of a second."""
    gc.set_threshold(_OBJECTS)
    try:
        from aiwebhook_cli.main import run_command_line  # noqa: PLC0415 within reach of the handler below

        code = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    gc.freeze()  # what is left goes with the process; looking through it once more takes 10 ms
    sys.exit(code)


if __name__ == "__main__":
    entry()
