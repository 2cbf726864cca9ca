"""The infrastructure of AI Webhook, as an AWS CDK app."""

from pathlib import Path

from infra.node import use_packaged_node

ROOT = Path(__file__).resolve().parent.parent
"""The root of the repository."""

use_packaged_node()  # here, because the first import of aws_cdk starts Node
