"""The environment that every command-line agent starts in, whatever its kind."""

from collections.abc import Mapping

from aiwebhook_runner.adapters.contract import Launch

AGENT_NAME = "AI Webhook agent"
AGENT_EMAIL = "agent@aiwebhook.invalid"


def cli_environment(launch: Launch, own: Mapping[str, str]) -> dict[str, str]:
    """The run's scrubbed environment, what keeps a CLI quiet, and `own` settings of this CLI,
    which nothing outdoes: a secret of the manifest by the same name must not redirect it."""
    return {
        **launch.environment,
        "TERM": "dumb",
        "NO_COLOR": "1",
        "CI": "1",
        # By variable, because Gemini's shell hides the git configuration of HOME.
        "GIT_AUTHOR_NAME": AGENT_NAME,
        "GIT_AUTHOR_EMAIL": AGENT_EMAIL,
        "GIT_COMMITTER_NAME": AGENT_NAME,
        "GIT_COMMITTER_EMAIL": AGENT_EMAIL,
        "GIT_TERMINAL_PROMPT": "0",
        **own,
    }
