"""Deployments that the command line knows by name: address, key, Region and stage, in one file of
the user's own. Nobody else may read it, for it holds keys.
"""

from __future__ import annotations

import configparser
import io
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiwebhook.errors import ConfigurationError, Invalid, NotFound
from aiwebhook.private_file import write_private

FILE = "profiles.ini"
_MARK = "aiwebhook"  # the section that names the default profile; no profile may be called so
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDeployment:
    """One deployment. `region` and `stage` are set where `aiwebhook cloud` made it."""

    name: str
    url: str
    key: str | None = field(default=None, repr=False)
    region: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """What the file says. `default` is the name of the profile taken when nothing else is named."""

    by_name: Mapping[str, NamedDeployment]
    default: str | None

    def get(self, name: str) -> NamedDeployment:
        """Raises NotFound."""
        if name not in self.by_name:
            raise NotFound(f"There is no profile {name!r}.", code="profile_unknown")
        return self.by_name[name]


def folder(environ: Mapping[str, str]) -> Path:
    """~/.config/aiwebhook; XDG_CONFIG_HOME moves it (XDG Base Directory Specification)."""
    config = environ.get("XDG_CONFIG_HOME")
    home = Path(environ.get("HOME") or "~").expanduser()
    return (Path(config) if config else home / ".config") / "aiwebhook"


def read_profiles(environ: Mapping[str, str]) -> Profiles:
    """All profiles; none where there is no file. Raises ConfigurationError for a file that others
    may read, or that is damaged."""
    path = folder(environ) / FILE
    parser = _parser()
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigurationError(
                    f"{path} holds keys, and others may read it.",
                    code="profile_readable",
                    remedy=f"chmod 600 {path}",
                )
            parser.read_file(file)
    except FileNotFoundError:
        return Profiles(by_name={}, default=None)
    except (configparser.Error, UnicodeDecodeError, OSError) as exc:
        raise ConfigurationError(
            f"{path} cannot be read: {str(exc).splitlines()[0]}",
            code="profile_damaged",
        ) from exc
    found = {name: _profile(parser[name], path) for name in parser.sections() if name != _MARK}
    return Profiles(by_name=found, default=parser.get(_MARK, "default", fallback=None))


def save_profile(profile: NamedDeployment, environ: Mapping[str, str]) -> Path:
    """Write a profile in place of one of its name; the first becomes the default. The path of the
    file. Raises Invalid, and what `read_profiles` raises."""
    if not _NAME.fullmatch(profile.name) or profile.name == _MARK:
        raise Invalid(f"{profile.name!r} cannot be a profile's name.", code="profile_name")
    profiles = read_profiles(environ)
    return _write(
        {**profiles.by_name, profile.name: profile}, profiles.default or profile.name, environ
    )


def require_writable(environ: Mapping[str, str]) -> None:
    """For a command that makes a key at its end, which must not be lost then. Raises OSError, and
    what `read_profiles` raises."""
    read_profiles(environ)
    place = folder(environ)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=place):
        pass


def set_default(name: str, environ: Mapping[str, str]) -> None:
    """Raises NotFound, and what `read_profiles` raises."""
    profiles = read_profiles(environ)
    profiles.get(name)
    _write(profiles.by_name, name, environ)


def remove_profile(name: str, environ: Mapping[str, str]) -> None:
    """Raises NotFound, and what `read_profiles` raises."""
    profiles = read_profiles(environ)
    profiles.get(name)
    left = {key: profile for key, profile in profiles.by_name.items() if key != name}
    _write(left, None if profiles.default == name else profiles.default, environ)


def _profile(section: configparser.SectionProxy, path: Path) -> NamedDeployment:
    url = section.get("url")
    if not url:
        raise ConfigurationError(
            f"{path}: the profile {section.name} has no url.", code="profile_damaged"
        )
    return NamedDeployment(
        name=section.name,
        url=url,
        key=section.get("key"),
        region=section.get("region"),
        stage=section.get("stage"),
    )


def _write(
    profiles: Mapping[str, NamedDeployment], default: str | None, environ: Mapping[str, str]
) -> Path:
    parser = _parser()
    if default is not None:
        parser[_MARK] = {"default": default}
    for profile in profiles.values():
        said = {
            "url": profile.url,
            "key": profile.key,
            "region": profile.region,
            "stage": profile.stage,
        }
        parser[profile.name] = {name: value for name, value in said.items() if value}
    path = folder(environ) / FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = io.StringIO()
    parser.write(text)
    write_private(path, text.getvalue())
    return path


def _parser() -> configparser.ConfigParser:
    """`%` is a character like others, and no section gives defaults to the rest."""
    return configparser.ConfigParser(interpolation=None, default_section="")
