"""`aiwebhook cloud …`: a deployment of one's own on AWS. Thin over the CDK and AWS's API; the same
by hand is in docs/deploy.md. It works from a clone of the project."""
