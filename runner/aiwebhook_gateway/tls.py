"""Which certificate authorities are trusted for providers."""

import ssl
from functools import cache

import certifi


@cache
def tls_context() -> ssl.SSLContext:
    """Trusts the system's authorities (or SSL_CERT_FILE) and certifi's, because some Pythons come
    with none. Cached: loading them takes some 50 ms.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
