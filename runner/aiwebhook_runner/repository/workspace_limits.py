"""How large a repository may be and how long it may take: bytes and seconds."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceLimits:
    """What exceeds a limit is refused, or left out and reported; nothing is cut in the middle."""

    max_repository_bytes: int = 2048 * MIB
    """Of the clone's download, and again of its files."""
    max_repository_files: int = 300_000
    max_file_bytes: int = 100 * MIB
    """A larger file of the agent is left out; GitHub refuses such a push as a whole."""
    max_work_bytes: int = 512 * MIB
    """Of the agent's commits and changes, packed."""
    max_patch_bytes: int = 64 * MIB
    max_checkpoint_bytes: int = 50 * MIB
    clone_s: float = 600.0
    collect_s: float = 180.0
    push_s: float = 180.0
    checkpoint_s: float = 60.0
    depth: int = 50
    """Commits of history: enough for `git log` and `git blame` to say something."""
