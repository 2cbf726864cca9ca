"""What a run of an agent is given on AWS: size, disk, purchase and image. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiwebhook.domain.manifest_fields import ManifestFields

FARGATE_MEMORY_MIB: Mapping[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""Allowed memory for each CPU size, from the ECS developer guide ("Task CPU and memory")."""
LEAST_EPHEMERAL_GIB, MOST_EPHEMERAL_GIB = 20, 200
"""What Fargate gives without being asked, and the most it sells."""
LEAN, DEV = "lean", "dev"
"""Our images: with the agent's program and git; and, for agents that build, with node, make, gcc,
jq and curl as well."""
_IMAGE = rf"{LEAN}|{DEV}|[a-z0-9][a-z0-9._:/-]{{0,200}}@sha256:[0-9a-f]{{64}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """Size of the Fargate task; only the pairs of FARGATE_MEMORY_MIB exist."""

    cpu: int = 256
    memory_mib: int = 512
    ephemeral_gib: int = LEAST_EPHEMERAL_GIB
    """Disk of the whole task: image, repository and what a build writes."""
    spot: bool = False
    """Cheaper, and may be taken back: such a run is tried again, which costs no attempt."""
    image: str = LEAN
    """`lean`, `dev`, or an image of one's own by digest, onto which ours is put."""

    @property
    def disk_mib(self) -> int:
        """What an agent may write; the rest is for the image and for us."""
        return (self.ephemeral_gib - 5) * 1024

    def as_json(self) -> dict[str, object]:
        """As in a manifest, without what is as it is anyway."""
        plain: dict[str, object] = {"cpu": self.cpu, "memory_mib": self.memory_mib}
        if self.ephemeral_gib != LEAST_EPHEMERAL_GIB:
            plain["ephemeral_gib"] = self.ephemeral_gib
        if self.spot:
            plain["spot"] = True
        if self.image != LEAN:
            plain["image"] = self.image
        return plain


def read_compute(fields: ManifestFields) -> Compute:
    """The table `compute` of a manifest; broken rules go to `fields.problems`."""
    inner = fields.table("compute")
    compute = Compute(
        cpu=inner.whole("cpu", default=256, low=256, high=16_384),
        memory_mib=inner.whole("memory_mib", default=512, low=512, high=122_880),
        ephemeral_gib=inner.whole(
            "ephemeral_gib",
            default=LEAST_EPHEMERAL_GIB,
            low=LEAST_EPHEMERAL_GIB,
            high=MOST_EPHEMERAL_GIB,
        ),
        spot=inner.flag("spot", default=False),
        image=_image(inner),
    )
    inner.refuse_unread()
    allowed = FARGATE_MEMORY_MIB.get(compute.cpu)
    if allowed is None:
        inner.problem("cpu", f"must be one of {_listed(tuple(FARGATE_MEMORY_MIB))}", compute.cpu)
    elif compute.memory_mib not in allowed:
        rule = f"must be one of {_listed(allowed)} for cpu {compute.cpu}"
        inner.problem("memory_mib", rule, compute.memory_mib)
    return compute


def _image(inner: ManifestFields) -> str:
    given = inner.optional_text("image")
    if given and not re.fullmatch(_IMAGE, given):
        rule = "must be lean, dev or an image by digest (name@sha256:…)"
        inner.problem("image", rule, given)
    return given or LEAN


def _listed(sizes: tuple[int, ...]) -> str:
    return ", ".join(str(size) for size in sizes)
