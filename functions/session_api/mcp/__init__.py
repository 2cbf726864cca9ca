"""The MCP server behind POST /mcp: a core of its own (ADR 0013) and our tools, resources and
prompts. Imported at the first MCP request: no other request pays for it.
"""
