"""Which certificate authorities are trusted for providers."""

import ssl
from functools import cache

import certifi


@cache
def tls_context() -> ssl.SSLContext:
    """The system's authorities (also SSL_CERT_FILE) and certifi's: some Pythons have none. Made
    once: reading them takes some 50 ms.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
