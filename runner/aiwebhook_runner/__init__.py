"""The runner: supervises one agent run. It speaks only the Runs API; no database, no AWS rights."""
