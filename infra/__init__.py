"""The infrastructure of AI Webhook, as an AWS CDK app."""
