"""`python -m aiwebhook_cli`."""

from aiwebhook_cli.main import main

main()
