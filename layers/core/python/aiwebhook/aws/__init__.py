"""Adapters to AWS: signed requests for what is on a hot path, boto3 (imported late) for S3."""
