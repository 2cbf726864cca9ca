"""The toy runner."""
