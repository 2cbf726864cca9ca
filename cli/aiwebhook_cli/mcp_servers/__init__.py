"""`aiwebhook mcp check`: the servers of an `.mcp.json`, spoken with as an agent's CLI would."""
