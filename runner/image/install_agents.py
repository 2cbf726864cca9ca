"""Install pinned agent CLIs: `install_agents.py PREFIX AGENT…`, e.g. `… /opt/agents codex`.

The Dockerfile calls it for the one agent of an image, `make agents` for all; both get exactly what
runner/image/<cli>/package-lock.json names, and start it once before they call it installed. AGENT
is the name of a manifest: an agent without a CLI of its own needs none, a template takes the first
one it may run on. Needs Python 3.11, npm and a way to npm's registry; nothing else of ours.

Result: PREFIX/bin/{claude,codex,gemini,opencode}, each a native binary but for gemini, which is
JavaScript and is started with the Node installed beside it. Not one install script is run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

IMAGE = Path(__file__).resolve().parent
MANIFESTS = IMAGE.parents[1] / "layers/core/python/aiwebhook/agents"
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
NPM_OPTIONS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
NO_PROGRAM = "python"
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")


class NotInstalled(Exception):
    """One sentence for people: what is missing, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """Where one CLI's npm packages hold what we need. `{platform}` is linux-x64 and the like."""

    command: str
    package: str
    """The npm package whose version is the CLI's."""
    program: str
    """Below node_modules; a glob, because some paths name a compiler target."""
    unneeded: tuple[str, ...] = ()
    """Below node_modules; removed after the installation."""
    interpreter: str | None = None


CLIS = {
    "claude_code": Cli(
        command="claude",
        package="@anthropic-ai/claude-code-{platform}",
        program="@anthropic-ai/claude-code-{platform}/claude",
    ),
    "codex": Cli(
        command="codex",
        package="@openai/codex-{platform}",
        program="@openai/codex-{platform}/vendor/*/bin/codex",
        unneeded=("@openai/codex-{platform}/vendor/*/codex-resources/voice",),  # 53 MB for speaking
    ),
    "gemini": Cli(
        command="gemini",
        package="@google/gemini-cli",
        program="@google/gemini-cli/bundle/gemini.js",
        interpreter="node-*{platform}/bin/node",
        # Useless without their install scripts (keytar, node-pty) or without a terminal.
        unneeded=("@github", "@lydell", "nan", "node-addon-api", "node-pty"),
    ),
    "opencode": Cli(
        command="opencode",
        package="opencode-{platform}",
        program="opencode-{platform}/bin/opencode",
    ),
}


def main(arguments: list[str] | None = None) -> int:
    """Install the CLI of each named agent; returns 1, after printing why, if that fails."""
    parser = argparse.ArgumentParser(description="Install pinned agent CLIs.")
    parser.add_argument("prefix", type=Path)
    parser.add_argument("agent", nargs="+", help="a manifest's name: claude_code, researcher, …")
    wanted = parser.parse_args(arguments)
    os.umask(0o022)  # the agent runs as another user, who must be able to read these files
    try:
        for agent in wanted.agent:
            cli = cli_of(agent)
            if cli is None:
                say(f"{agent} needs no command-line tool")
            else:
                install(cli, wanted.prefix.absolute(), this_platform())
    except NotInstalled as problem:
        say(f"install_agents: {problem}")
        return 1
    return 0


def cli_of(agent: str) -> str | None:
    """The key in CLIS that this agent runs on; None when it runs on Python alone. Also accepts such
    a key and NO_PROGRAM, because an image is built per program. Raises NotInstalled."""
    if agent in CLIS or agent == NO_PROGRAM:
        return agent if agent in CLIS else None
    path = MANIFESTS / f"{agent}.toml"
    if not path.is_file():
        known = ", ".join(sorted(manifest.stem for manifest in MANIFESTS.glob("*.toml")))
        raise NotInstalled(f"There is no agent {agent!r}; there are {known}.")
    manifest = tomllib.loads(path.read_text("utf-8"))
    kind = manifest["runs_on"][0] if manifest["kind"] == "template" else manifest["kind"]
    return kind if kind in CLIS else None


def this_platform() -> str:
    """This machine's platform in npm's terms, such as linux-x64."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    return f"{sys.platform}-{machine}"


def install(name: str, prefix: Path, platform_name: str) -> None:
    """Install one CLI under the prefix, unless the same lock is installed there already."""
    cli, source, target = CLIS[name], IMAGE / name, prefix / "lib" / name
    version = locked_version(name, platform_name)
    stamp, fingerprint = target / "installed", source_fingerprint(source, target, platform_name)
    if stamp.is_file() and stamp.read_text("utf-8") == fingerprint:
        say(f"{cli.command} {version} is installed")
        return
    say(f"installing {cli.command} {version} for {platform_name}")
    began = time.monotonic()
    stamp.unlink(missing_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copyfile(source / file, target / file)
    run_npm(cli, target)
    modules = target / "node_modules"
    link(cli, modules, prefix / "bin", platform_name)
    for pattern in cli.unneeded:
        for path in modules.glob(pattern.format(platform=platform_name)):
            shutil.rmtree(path)
    answer = version_line(cli, prefix / "bin" / cli.command)
    if version not in answer:
        raise NotInstalled(f"{cli.command} should be {version}, but says {answer!r}.")
    stamp.write_text(fingerprint, "utf-8")
    size = sum(path.lstat().st_size for path in modules.rglob("*")) / 1e6
    say(f"{cli.command} {version}: {size:.0f} MB in {time.monotonic() - began:.0f} s")


def locked_version(name: str, platform_name: str) -> str:
    """The version that the lock pins for this platform, as `--version` prints it."""
    lock = json.loads((IMAGE / name / "package-lock.json").read_text("utf-8"))
    package = CLIS[name].package.format(platform=platform_name)
    entry = lock["packages"].get(f"node_modules/{package}")
    if entry is None:
        raise NotInstalled(
            f"{CLIS[name].command} is not published for {platform_name}, or its lock leaves that"
            f" out (runner/image/{name}/package-lock.json)."
        )
    return str(entry["version"]).removesuffix(f"-{platform_name}")


def source_fingerprint(source: Path, target: Path, platform_name: str) -> str:
    """A hash of everything that the installation depends on; the target too, since gemini's start
    script contains it."""
    parts = (
        (source / "package-lock.json").read_bytes(),
        Path(__file__).read_bytes(),
        f"{target} {platform_name}".encode(),
    )
    return hashlib.sha256(b"\0".join(parts)).hexdigest() + "\n"


def run_npm(cli: Cli, target: Path) -> None:
    """Run npm in the target folder. Raises NotInstalled, with one sentence for npm's errors."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("npm is not on the PATH; install Node.js 20 or newer, then try again.")
    done = subprocess.run(
        [npm, *NPM_OPTIONS],
        cwd=target,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise NotInstalled(why_npm_failed(cli.command, done.stderr.decode("utf-8", "replace")))


def why_npm_failed(command: str, errors: str) -> str:
    """One sentence for a person, from the errors that npm printed."""
    if any(code in errors for code in NO_NETWORK):
        return (
            f"npm's registry cannot be reached, so {command} was not installed; connect to the"
            " network, or point npm at a mirror (npm config set registry), then try again."
        )
    if "EINTEGRITY" in errors:
        return f"What npm downloaded for {command} is not what the lock names; nothing was kept."
    lines = [line.removeprefix("npm error ").strip() for line in errors.splitlines()]
    shown = [line for line in lines if line and not line.startswith(("npm warn", "code E"))]
    return f"npm could not install {command}: {shown[0] if shown else 'it gave no reason'}"


def link(cli: Cli, modules: Path, bin_folder: Path, platform_name: str) -> None:
    """Create the command: a link to the binary, or to a script that starts it with its own Node.
    The script is in the CLI's package, because its version is looked up beside it."""
    program = only_file(cli, modules, cli.program, platform_name)
    if cli.interpreter is not None:
        interpreter = only_file(cli, modules, cli.interpreter, platform_name)
        start = shlex.join([str(interpreter), str(program)])
        program = program.with_name(cli.command)
        program.write_text(f'#!/bin/sh\nexec {start} "$@"\n', "utf-8")
        program.chmod(0o755)
    bin_folder.mkdir(parents=True, exist_ok=True)
    command = bin_folder / cli.command
    command.unlink(missing_ok=True)
    command.symlink_to(os.path.relpath(program, bin_folder))


def only_file(cli: Cli, modules: Path, pattern: str, platform_name: str) -> Path:
    """The one file that matches. Raises NotInstalled: npm silently skips an optional package that
    it cannot download, but we need it."""
    found = sorted(modules.glob(pattern.format(platform=platform_name)))
    if len(found) != 1:
        raise NotInstalled(
            f"npm left out {cli.command}'s package for {platform_name}: the registry in use was not"
            " reached or does not have it; connect, or choose another one, then try again."
        )
    return found[0]


def version_line(cli: Cli, command: Path) -> str:
    """The output of `--version`, which also proves that the CLI starts on this machine."""
    with tempfile.TemporaryDirectory(prefix="aiwebhook-agent-") as home:
        clean = {"PATH": os.defpath, "HOME": home, "TMPDIR": home}
        try:
            done = subprocess.run(
                [command, "--version"],
                env=clean,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=120,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise NotInstalled(f"{cli.command} does not start here: {problem}") from problem
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        raise NotInstalled(f"{cli.command} does not start here: {words.splitlines()[-1]}")
    return done.stdout.decode("utf-8", "replace").strip()


def say(text: str) -> None:
    """Report progress at once: without flushing, a pipe would hold it back."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
