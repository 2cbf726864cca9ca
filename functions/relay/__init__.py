"""relay: the public door; webhooks of GitHub and messages of language models."""
