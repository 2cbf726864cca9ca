"""Runs the agent as another user than its supervisor, where the supervisor is root on Linux.

Then the kernel keeps the agent from the supervisor's memory, files and processes, and from those of
other runs on the same machine. Elsewhere (a laptop, macOS) it is the same user, and the scrubbed
environment and hardening.py protect.
"""

import contextlib
import ctypes
import os
import shutil
import stat
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiwebhook_runner.process import landlock
from aiwebhook_runner.process.abandoned_users import (
    FIRST_UID,
    LOCKS,
    UIDS,
    hold_number,
    kill_all_of,
)
from aiwebhook_runner.process.workspace import remove_tree

SHARED_FOLDERS = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - what agents leave there is removed
_PROGRAM_FOLDERS = ("bin", "sbin")
_BESIDE_PROGRAMS = ("lib", "lib64", "libexec", "pyvenv.cfg")
_FOLDER_MODE = 0o711
_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentUser:
    """A user number that nothing else on this machine runs as, while `hold` is open: until the
    supervisor's process ends, when no process and no folder of its run is left.
    """

    uid: int
    gid: int
    hold: int = field(default=-1, repr=False, compare=False)
    """File descriptor of the lock that keeps others from taking the same number."""
    reach: tuple[Path, ...] = ()
    """The run's own folder, and folders closed to others that the agent may read all the same. Then
    it may pass through closed folders, behind a fence that lets it see only these and the system
    (landlock.py).
    """


class NoFreeUser(Exception):
    """The supervisor is root and could change users, but no number is free. The run must not begin:
    its agent would be root.
    """


class OutOfReach(Exception):
    """A user of its own could not reach what the agent needs, and the kernel cannot fence it in."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        super().__init__(f"The agents' user cannot reach {paths[0]}.")
        self.paths = paths


def can_change_users() -> bool:
    """Whether this process may run agents as other users."""
    return sys.platform == "linux" and os.geteuid() == 0


def choose_user(needed: Iterable[Path], *, reach: tuple[Path, ...] = ()) -> AgentUser:
    """A free user for one run, on a machine where `can_change_users`. If others cannot reach what
    the agent needs (a program below /root, a private folder), the user may read `reach` and the
    system, and nothing else. Raises NoFreeUser; and OutOfReach where that is impossible.
    """
    closed = tuple(path for path in needed if not reachable_by_others(path))
    if not closed:
        return _take_number(LOCKS)
    nameable = not any(os.pathsep in str(path) for path in reach)
    if not reach or not nameable or not landlock.can_fence_files():
        raise OutOfReach(closed)
    return replace(_take_number(LOCKS), reach=reach)


def needed_by(
    commands: Iterable[tuple[str, ...]], *, search_path: str, folders: Iterable[Path]
) -> tuple[Path, ...]:
    """Paths that the agent's user must be able to reach: its folders; and of each command the
    program, files among its arguments, and a script's interpreter.
    """
    needed = list(folders)
    for command in commands:
        program = _found(command[0], search_path)
        files = [Path(word) for word in command[1:] if word.startswith("/")]
        if program is not None:
            needed += [Path(program), *_interpreter(Path(program), search_path)]
        needed += [file for file in files if os.path.exists(file)]  # noqa: PTH110 - as below
    return tuple(needed)


def installed_around(programs: Iterable[Path], *, search_path: str) -> tuple[Path, ...]:
    """The files of these programs and of those on the PATH: the programs themselves, and libraries
    beside their folder `bin` (~/.nvm/versions/node/v22/lib, a virtual environment's). Never a
    folder that also holds other things (~, ~/.local, ~/.local/share).
    """
    found = dict[Path, None]()
    for program in programs:
        real = program.resolve()
        found[real] = None
        for file in (program.absolute(), real):
            found |= dict.fromkeys(_installation(file.parent))
        modules = [folder for folder in real.parents if folder.name == "node_modules"]
        found |= dict.fromkeys(modules[-1:])
    for folder in search_path.split(os.pathsep):
        found |= dict.fromkeys(_installation(Path(folder)))
    return tuple(path for path in found if os.path.exists(path))  # noqa: PTH110 - a closed one is absent, not an error


def _installation(folder: Path) -> tuple[Path, ...]:
    if folder.name not in _PROGRAM_FOLDERS or not folder.is_absolute():
        return ()
    return (folder, *(folder.parent / name for name in _BESIDE_PROGRAMS))


def _found(program: str, search_path: str) -> str | None:
    """The first on the PATH that others may run, as spawn.py will find it; otherwise the first."""
    folders = search_path.split(os.pathsep)
    found = [name for folder in folders if (name := shutil.which(program, path=folder))]
    open_to_others = (name for name in found if reachable_by_others(Path(name)))
    return next(open_to_others, found[0] if found else None)


def _interpreter(program: Path, search_path: str) -> tuple[Path, ...]:
    """A script's interpreter, from its first line; `env` looks it up on the PATH."""
    try:
        with program.open("rb") as file:
            first = file.readline(256)
    except OSError:
        return ()
    words = first[2:].decode("utf-8", "replace").split() if first.startswith(b"#!") else []
    if words and Path(words[0]).name == "env":
        found = _found(words[-1], search_path)
        words = [found] if found else []
    return tuple(Path(word) for word in words[:1])


def reachable_by_others(path: Path) -> bool:
    """Whether anybody may reach it, by its name and through its links, and, if it is a
    file, read it.
    """
    try:
        real = path.resolve(strict=True)
        parents = {*path.absolute().parents, *real.parents}
        if any(not parent.stat().st_mode & stat.S_IXOTH for parent in parents):
            return False
        mode = real.stat().st_mode
    except OSError:
        return False
    wanted = 0 if stat.S_ISDIR(mode) else stat.S_IROTH
    return mode & wanted == wanted


def hand_over(root: Path, folders: Iterable[Path], user: AgentUser | None) -> None:
    """Give the folders and everything in them to the agent's user. Call once, before its first
    process: later a folder may hold links that the agent made, to files that are not its own.
    """
    if user is None:
        return
    root.chmod(_FOLDER_MODE)
    for folder in folders:
        os.chown(folder, user.uid, user.gid)
        for parent, names, files in os.walk(folder):
            for name in (*names, *files):
                os.chown(Path(parent, name), user.uid, user.gid, follow_symlinks=False)


@contextlib.contextmanager
def acting_as(user: AgentUser | None) -> Generator[None]:
    """File access of this thread with the agent's rights: a link to a file that the agent may not
    read leads nowhere. Other threads are not affected (setfsuid(2) is per thread).
    """
    if user is None:
        yield
        return
    library = ctypes.CDLL(None, use_errno=True)
    library.setfsgid(user.gid)
    library.setfsuid(user.uid)
    try:
        yield
    finally:
        library.setfsuid(os.geteuid())
        library.setfsgid(os.getegid())


def write_settings(home: Path, files: Mapping[str, str], user: AgentUser | None) -> None:
    """Write a CLI's settings below its HOME, with the agent's rights: by the second turn it may
    have put links there that lead outside. Raises OSError.
    """
    with acting_as(user):
        for name, text in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, _FILE_MODE), "w", encoding="utf-8") as file:
                file.write(text)


def _take_number(locks: Path) -> AgentUser:
    try:
        locks.mkdir(mode=0o700, exist_ok=True)
        if locks.stat().st_uid != 0 or locks.is_symlink():
            # Whoever else has made it could replace the locks and take our numbers.
            raise NoFreeUser(f"{locks} is not root's own")
        for number in range(FIRST_UID, FIRST_UID + UIDS):
            hold = hold_number(locks, number)
            if hold is None:
                continue
            user = AgentUser(uid=number, gid=number, hold=hold)
            # What runs as this user was left by a run whose supervisor was killed.
            kill_all_of(number)
            remove_left_by(user)
            return user
    except OSError as exc:
        raise NoFreeUser(f"its lock cannot be taken: {exc}") from exc
    raise NoFreeUser(f"all {UIDS} are taken")


def left_by(user: AgentUser) -> Iterator[Path]:
    """What the user owns in folders that everybody may write to. Only their direct entries
    are looked at: a folder of somebody else's that it may write to is rare, and a walk
    would cost seconds.
    """
    for folder in SHARED_FOLDERS:
        entries: list[Path] = []
        with contextlib.suppress(OSError):
            entries = list(folder.iterdir())
        for entry in entries:
            with contextlib.suppress(OSError):  # others come and go there
                if entry.lstat().st_uid == user.uid:
                    yield entry


def remove_left_by(user: AgentUser) -> None:
    """Remove what the user left there, with that user's rights: the next run with its number would
    own it, and could be misled by it.
    """
    with acting_as(user):
        for entry in left_by(user):
            with contextlib.suppress(OSError):
                remove_tree(entry)
