"""The repository a run works on: cloned, watched, collected, published, checkpointed.

Two rules hold everywhere below. The token is in the supervisor's memory and in a pipe to its own
git, nowhere else. No git command runs with a configuration that the agent could have written: the
agent's .git is only asked for the name of its HEAD and for objects.

The agent waits for what is imported here; what collects its work is imported while it works.
"""

from aiwebhook_runner.repository.address import RepositoryAccess
from aiwebhook_runner.repository.checkpoint import Saved
from aiwebhook_runner.repository.failures import WorkspaceFailed
from aiwebhook_runner.repository.git import IDENTITY_ENVIRONMENT
from aiwebhook_runner.repository.run_workspace import RunWorkspace, WorkspaceOptions
from aiwebhook_runner.repository.workspace_limits import WorkspaceLimits

__all__ = [
    "IDENTITY_ENVIRONMENT",
    "RepositoryAccess",
    "RunWorkspace",
    "Saved",
    "WorkspaceFailed",
    "WorkspaceLimits",
    "WorkspaceOptions",
]
