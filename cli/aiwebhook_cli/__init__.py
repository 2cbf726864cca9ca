"""`aiwebhook`: the command line, thin over the HTTP client."""
