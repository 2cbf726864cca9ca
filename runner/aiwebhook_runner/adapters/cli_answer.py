"""The final text of a command-line agent, as a Result."""

from aiwebhook_runner.output.messages import Result
from aiwebhook_runner.output.speech import spoken


def answer(text: str) -> Result:
    """The answer in words; a schema's fields are added by whoever knows the schema."""
    return Result(output={"text": text}, say=spoken(text) or None)
