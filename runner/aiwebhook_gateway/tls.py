"""Whom we trust to be a provider."""

import ssl

import certifi


def tls_context() -> ssl.SSLContext:
    """The system's authorities (also SSL_CERT_FILE) and certifi's: some Pythons have none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
