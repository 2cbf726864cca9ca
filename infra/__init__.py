"""The infrastructure of AI Webhook, as an AWS CDK app."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The root of the repository."""
