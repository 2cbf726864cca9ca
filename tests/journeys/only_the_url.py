"""A model that knows only the URL: `python only_the_url.py URL KEY`, with Python's library alone.

It reads what the URL answers and what that links to. Everything else it does, it learnt there: the
addresses from the descriptor, each request from the example in the instructions.
"""

import json
import re
import sys
import urllib.request
from typing import Any

EXAMPLE = re.compile(r"^### (\w+)\n.*?^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def read(url: str, accept: str = "*/*") -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept})) as answer:
        return answer.read().decode()


class Model:
    """Knows what it has read."""

    def __init__(self, url: str, key: str) -> None:
        page = read(url, "text/html")
        service = json.loads(read(url, "application/json"))
        if service["instructions"] not in page or service["mcp"]["url"] not in page:
            raise SystemExit("the page does not link to what the descriptor names")
        self.address = service["commands"]["url"]
        self.scheme = service["authentication"]["api_key"].partition(",")[0]
        self.key = key
        instructions = read(service["instructions"])
        self.examples = {name: json.loads(text) for name, text in EXAMPLE.findall(instructions)}
        self.session_id: str | None = None

    def send(self, command: str, **data: Any) -> Any:
        """The example of the instructions, with data of its own in it."""
        request = dict(self.examples[command])
        request["data"] = {**request.get("data", {}), **data}
        if "session_id" in request:
            request["session_id"] = self.session_id or request["session_id"]
        name, _, value = self.scheme.partition(": ")
        headers = {name: value.replace("<key>", self.key), "Content-Type": "application/json"}
        sent = urllib.request.Request(self.address, json.dumps(request).encode(), headers)
        with urllib.request.urlopen(sent) as answer:
            return json.loads(answer.read())


def main(url: str, key: str) -> None:
    model = Model(url, key)
    created = model.send("create_session", title="The roof")
    model.session_id = created["session_id"]
    model.send("append_conversation", content="Ana: We decided to use slate.\nBen: Agreed.")
    model.send("store_memory", type="decision", content="The roof gets slate.")
    agents = model.send("list_agents")["data"]["agents"]
    (agent,) = [a for a in agents if a["can_work"] and "research" in a["capabilities"]]
    task = model.send(
        "delegate_task", agent_name=agent["agent_name"], description="What did we decide?"
    )
    task_id = task["data"]["task_id"]
    result: dict[str, Any] = {}
    for _ in range(6):
        result = model.send("get_task", task_id=task_id, wait_s=20)["data"]
        if result["status"] in ("completed", "failed", "cancelled"):
            break
    memories = model.send("list_memories")["data"]["memories"]
    told = {"status": result["status"], "say": result["say"], "memories": len(memories)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
