"""relay: the public endpoint for GitHub's webhooks and language models' messages."""
