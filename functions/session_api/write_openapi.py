"""docs/openapi.json, everything, and docs/openapi-actions.json, what GPT Actions can take:
`python -m session_api.write_openapi` writes them.
"""

from __future__ import annotations

import json
from pathlib import Path

from session_api.all_operations import OPERATIONS
from session_api.openapi import actions_document, openapi_document


def write(folder: Path) -> None:
    """Write both documents."""
    documents = {"openapi": openapi_document, "openapi-actions": actions_document}
    for name, make in documents.items():
        text = json.dumps(make(OPERATIONS), indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path("docs"))
