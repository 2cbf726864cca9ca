"""`aiwebhook mcp channel`: what background agents did, pushed into a Claude Code session."""
