"""`python -m aiwebhook_cli`, and the command `aiwebhook`."""

import sys


def entry() -> None:
    """Run and exit. Ctrl-C counts from the first moment on: importing takes a third of a second."""
    try:
        from aiwebhook_cli.main import run_command_line  # noqa: PLC0415 within reach of the handler below

        code = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    entry()
