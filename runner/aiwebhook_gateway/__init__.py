"""The LLM gateway beside each run: it alone has the provider's key, and meters usage."""
