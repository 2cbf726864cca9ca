"""Manifests of the agents that come with AI Webhook: one TOML file each, in this folder."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from aiwebhook.domain.agent import AgentManifest, ManifestInvalid


@cache
def built_in_manifests() -> Mapping[str, AgentManifest]:
    """All built-in manifests by name, in the order of their names. Read once per process."""
    return MappingProxyType(load_manifests(Path(__file__).parent))


def load_manifests(folder: Path) -> dict[str, AgentManifest]:
    """Every `*.toml` of the folder. Raises ManifestInvalid with the problems of all files."""
    manifests: dict[str, AgentManifest] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            manifest = load_manifest(path)
        except ManifestInvalid as exc:
            problems += [f"{path.name}: {problem}" for problem in exc.problems]
            continue
        if manifest.name != path.stem:
            # One file per name keeps names unique and lets a reader find the file of an agent.
            rule = f'name must equal the file name "{path.stem}", got "{manifest.name}"'
            problems.append(f"{path.name}: {rule}")
        manifests[manifest.name] = manifest
    if problems:
        raise ManifestInvalid(str(folder), tuple(problems))
    return manifests


def load_manifest(path: Path) -> AgentManifest:
    """One manifest file. Raises ManifestInvalid, also when the file is not TOML."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ManifestInvalid(path.name, (f"is not valid TOML: {exc}",)) from exc
    return AgentManifest.from_mapping(data, source=path.name)
