"""The security headers of every response: of functions, API Gateway and the local front."""

from __future__ import annotations

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}
"""/docs brings a policy of its own. Browsers heed the last one over TLS only."""
