"""The LLM gateway beside each run: it alone holds the provider's key, and meters what is used."""
