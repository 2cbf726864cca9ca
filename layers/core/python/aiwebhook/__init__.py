"""AI Webhook's shared package: the domain, the use cases and the adapters behind every door."""
