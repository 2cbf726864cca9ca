"""Lambda functions in warm processes of the front's own, under AWS's runtime interface client."""
