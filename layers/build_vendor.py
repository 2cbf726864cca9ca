"""Build the third-party Lambda layer from requirements/layer.txt: `make layers`.

No Docker: pip fetches wheels for Lambda's platform (Python 3.13, arm64) whatever this machine is.
The result, .build/layers/vendor, is what CDK packs; Lambda unpacks it at /opt and imports from
/opt/python. Two builds from one lock give the same files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
LOCK = CHECKOUT / "requirements/layer.txt"
TARGET = CHECKOUT / ".build/layers/vendor"
PYTHON = "3.13"
# Amazon Linux 2023 has glibc 2.34; wheels for anything older load there.
PLATFORMS = [f"manylinux_2_{glibc}_aarch64" for glibc in (34, 31, 28, 26, 24, 17)]
UNPACKED_LIMIT_MB = 250  # Lambda's own limit for function and layers, unpacked

# botocore describes 400 services in 25 MB; ours calls these (tests/layers holds the code to it).
SERVICES = frozenset({"s3", "sts"})
BOTOCORE_FILES = frozenset(
    {"endpoints.json", "partitions.json", "sdk-default-configuration.json", "_retry.json"}
)
INSTALLER_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "WHEEL")
NOT_FOR_RUNNING = ("*.pyi", "*.pxd", "*.pyx", "*.c", "*.h", "py.typed")
TEST_FOLDERS = ("tests", "test", "_tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was built. `compiled` is False when no interpreter of Lambda's version was found."""

    files: int
    megabytes: float
    compiled: bool

    def __str__(self) -> str:
        pyc = "with .pyc" if self.compiled else f"WITHOUT .pyc: python{PYTHON} was not found"
        return f"{TARGET.relative_to(CHECKOUT)}: {self.files} files, {self.megabytes:.1f} MB, {pyc}"


def build(target: Path, interpreter: str | None) -> Report:
    """Install, strip and compile into `target`, replacing it at the end, when all went well.

    `interpreter` is a Python of Lambda's version, or None to go without compiled files.
    Raises subprocess.CalledProcessError when pip or the compiler fails (they have said why).
    """
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    packages = fresh / "python"
    install(packages)
    strip(packages)
    if interpreter is not None:
        compile_all(packages, interpreter)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    files = [path for path in target.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return Report(files=len(files), megabytes=size, compiled=interpreter is not None)


def install(packages: Path) -> None:
    """Unpack the locked wheels for Lambda's platform."""
    platforms = [option for name in PLATFORMS for option in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "install", "-qq", "--no-input", "--no-compile"]
    command += ["--disable-pip-version-check", "--require-hashes", "--no-deps"]
    command += ["--only-binary", ":all:", "--implementation", "cp", "--python-version", PYTHON]
    command += [*platforms, "--target", str(packages), "--requirement", str(LOCK)]
    subprocess.run(command, check=True)


def strip(packages: Path) -> None:
    """Remove what no function runs: scripts, tests, type stubs, unused service descriptions."""
    shutil.rmtree(packages / "bin", ignore_errors=True)
    unwanted = [path for pattern in NOT_FOR_RUNNING for path in packages.rglob(pattern)]
    unwanted += [path for name in INSTALLER_NOTES for path in packages.glob(f"*.dist-info/{name}")]
    unwanted += [path for name in TEST_FOLDERS for path in packages.glob(f"*/{name}")]
    unwanted += [packages / "boto3/examples"]
    unwanted += [
        path
        for path in (packages / "botocore/data").iterdir()
        if path.name.removesuffix(".gz") not in SERVICES | BOTOCORE_FILES
    ]
    unwanted += [
        path
        for path in (packages / "boto3/data").iterdir()
        if path.is_dir() and path.name not in SERVICES
    ]
    for path in unwanted:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def compile_all(packages: Path, interpreter: str, *, runs_at: str = "/opt/python") -> None:
    """Ship .pyc files, which doubles the speed of a cold import: Lambda's disk is read-only.

    Unchecked, because nobody edits a layer; with the paths they have in Lambda
    (`runs_at`), for tracebacks.
    """
    command = [interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(packages), "-p", runs_at, str(packages)]
    environment = {"PATH": os.defpath, "PYTHONHASHSEED": "0"}
    subprocess.run(command, check=True, env=environment)


def lambda_interpreter() -> str | None:
    """A Python of Lambda's version: this one, or one on the PATH."""
    if sys.version_info[:2] == tuple(map(int, PYTHON.split("."))):
        return sys.executable
    found = shutil.which(f"python{PYTHON}")
    if found is None:
        return None
    # A pyenv shim exists for versions that are not switched on.
    probe = subprocess.run([found, "-c", ""], check=False, capture_output=True)
    return found if probe.returncode == 0 else None


def main(arguments: list[str]) -> int:
    """Build and report. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="layers/build_vendor.py", description=__doc__)
    parser.add_argument("--python", default=None, help=f"a Python {PYTHON} to compile with")
    options = parser.parse_args(arguments)
    report = build(TARGET, options.python or lambda_interpreter())
    print(report)
    if report.megabytes > UNPACKED_LIMIT_MB:
        print(f"Lambda takes at most {UNPACKED_LIMIT_MB} MB, unpacked.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
