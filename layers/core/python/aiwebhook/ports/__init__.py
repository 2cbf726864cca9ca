"""What the use cases need from the outside, one port per file; adapters live in postgres/ and aws/."""
