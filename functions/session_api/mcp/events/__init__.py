"""MCP Events (`io.modelcontextprotocol/events`): what clients may follow, and how they get it."""
