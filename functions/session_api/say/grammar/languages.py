"""The languages that are understood, each by its name."""

from __future__ import annotations

from collections.abc import Mapping

from session_api.say.grammar.english import ENGLISH
from session_api.say.grammar.german import GERMAN
from session_api.say.grammar.language_rules import LanguageRules

LANGUAGES: Mapping[str, LanguageRules] = {each.language: each for each in (ENGLISH, GERMAN)}
