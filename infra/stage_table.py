"""`python -m infra.stage_table` writes the table of settings in docs/deploy.md from the model."""

from __future__ import annotations

from enum import StrEnum
from typing import cast, get_args

from pydantic import BaseModel

from infra import ROOT
from infra.stages import DEV, PROD, Stage

DOCUMENT = ROOT / "docs" / "deploy.md"
_BEGIN, _END = "<!-- settings -->\n", "<!-- /settings -->\n"


def with_table(text: str) -> str:
    """The document with the table as it must be now."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


def table() -> str:
    """A row per setting: its name, what it has in dev and prod, and what it does."""
    head = ["| Setting | dev | prod | What it does |", "|---|---|---|---|"]
    lines = [*head, *_rows(Stage, "", DEV, PROD)]
    return "\n".join(lines) + "\n"


def _rows(model: type[BaseModel], prefix: str, *stages: BaseModel) -> list[str]:
    """`stages`: dev's and prod's values; none where each has those of the model."""
    rows: list[str] = []
    for name, field in model.model_fields.items():
        if (model, name) == (Stage, "name"):
            continue  # the table's own, in the file
        if _is_model(field.annotation):
            within = [cast("BaseModel", getattr(stage, name)) for stage in stages]
            rows += _rows(cast("type[BaseModel]", field.annotation), f"{name}.", *within)
            continue
        inner = [each for each in get_args(field.annotation) if _is_model(each)]
        if inner:
            rows += _rows(inner[0], f"{name}.<name>.")
            continue
        values = [getattr(stage, name) for stage in stages] or [field.default] * 2
        dev, prod = (_shown(value) for value in values)
        said = " ".join((field.description or "").split())
        if isinstance(field.annotation, type) and issubclass(field.annotation, StrEnum):
            said += " One of " + ", ".join(f"`{member}`" for member in field.annotation) + "."
        rows.append(f"| `{prefix}{name}` | {dev} | {prod} | {said} |")
    return rows


def _is_model(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel)


def _shown(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in cast("tuple[object, ...]", value))
    return f"`{value}`"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text("utf-8")), "utf-8")
