"""Hot reload: what is saved is what answers next."""

import pytest

from tests.local.conftest import ToyStack
from tests.support.waiting import eventually


def current(stack: ToyStack) -> object:
    """The version that answers now; None while its process is being replaced (503)."""
    return stack.client.get("/v1/things").json().get("version")


@pytest.mark.req("O5")
def test_a_saved_function_answers_next(toy_stack: ToyStack) -> None:
    handler = toy_stack.project.functions / "session_api" / "handler.py"
    changed = handler.read_text().replace('"version": VERSION', '"version": "edited"')

    handler.write_text(changed)

    def version() -> bool:
        return current(toy_stack) == "edited"

    eventually(version)
    assert toy_stack.said[-1] == "reloaded: session_api"
    handler.write_text(changed.replace('"version": "edited"', '"version": VERSION'))
    eventually(lambda: not version())


@pytest.mark.req("O5")
def test_a_saved_core_layer_is_in_every_function_next(toy_stack: ToyStack) -> None:
    module = toy_stack.project.core_layer / "python" / "toy" / "__init__.py"
    original = module.read_text()

    module.write_text(original.replace("VERSION = 1", "VERSION = 2"))

    eventually(lambda: current(toy_stack) == 2)
    assert toy_stack.info.invoke("reaper", {}) == {"recorded": True}
    module.write_text(original)
    eventually(lambda: current(toy_stack) == 1)
