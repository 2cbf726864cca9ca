"""Reads grants.toml: who may do what. Each function has a role of its own (ADR 0026)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from aiwebhook.postgres.grant import Right


@cache
def declared_grants() -> Mapping[str, frozenset[Right]]:
    """The rights of each function's role, by the function's name."""
    text = files("aiwebhook.postgres").joinpath("grants.toml").read_text(encoding="utf-8")
    return {
        function: frozenset(
            Right(relation=relation, privilege=privilege, column=column)
            for privilege, relations in rights.items()
            for relation, columns in relations.items()
            for column in columns or [""]
        )
        for function, rights in tomllib.loads(text).items()
    }
