"""OAuth 2.1 for clients that act for a person: discovery, the consent page, tokens (ADR 0014)."""
