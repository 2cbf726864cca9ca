"""What an answer used: read from the provider's own figures as they pass by."""
