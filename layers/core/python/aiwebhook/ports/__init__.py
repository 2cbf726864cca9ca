"""What the use cases need from outside, one port per file; adapters live in postgres/ and aws/."""
