"""`python -m aiwebhook_gateway serve`: the LLM gateway of one run."""

import sys

from aiwebhook.sealed import unseal


def main(arguments: list[str]) -> int:
    """Returns the process exit code: 0 when told to stop, 1 when it could not start, 2 misused."""
    unseal()
    from aiwebhook_gateway import program  # noqa: PLC0415 reason: takes a while; then we are closed

    return program.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
