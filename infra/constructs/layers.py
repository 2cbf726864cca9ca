"""The two Lambda layers: ours changes with every commit, the third-party one with the lock file."""

from __future__ import annotations

from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.assets import Assets

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64


class Layers(Construct):
    """`core` (the package aiwebhook) and `vendor` (what it imports)."""

    def __init__(self, scope: Construct, construct_id: str, *, assets: Assets) -> None:
        super().__init__(scope, construct_id)
        self.core = self._layer("Core", assets.core_layer())
        self.vendor = self._layer("Vendor", assets.vendor_layer())
        if not assets.vendor_is_built:
            # The CDK CLI refuses to deploy on an error annotation; a plain synth ignores it, and so
            # templates can be made and tested on a machine that never built the layer.
            Annotations.of(self.vendor).add_error(
                ".build/layers/vendor is missing: run 'make layers' before 'cdk deploy'"
            )
        if assets.slow_start is not None:
            Annotations.of(self.core).add_warning_v2("aiwebhook:noBytecode", assets.slow_start)

    @property
    def both(self) -> list[lambda_.LayerVersion]:
        """The order does not matter (and CDK sorts them): they share no file."""
        return [self.vendor, self.core]

    def _layer(self, construct_id: str, code: lambda_.Code) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            construct_id,
            code=code,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
