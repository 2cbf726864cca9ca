"""A request and its reply for every command, at /examples: the examples of the OpenAPI."""

from __future__ import annotations

import json
from typing import Any

from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.refusals import example_of
from session_api.openapi_examples import reply_example

_HEAD = """# AI Webhook: examples

Each request below is the body of

```sh
curl {url}/webhook \\
  -H "Authorization: Bearer $AIWEBHOOK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '<the request>'
```

Ids and times in the replies differ from call to call. What a command takes is explained at
{url}/llm-instructions.
"""


def examples(url: str) -> str:
    """All of them as Markdown, for the deployment at this URL."""
    return "\n".join([_HEAD.replace("{url}", url), *map(_example, CATALOGUE.values())])


def _example(spec: CommandSpec) -> str:
    request = {name: value for name, value in example_of(spec).items() if name != "type"}
    reply = reply_example(spec.name)
    answered = "" if reply is None else f"\nThe reply:\n\n{_block(reply)}"
    return f"## {spec.name}\n\n{spec.summary}\n\n{_block(request)}{answered}"


def _block(value: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```\n"
