"""An agent manifest: what an agent is, needs and may use. Pure: values in, values or one error out.

A manifest comes from a TOML file (built-in agents), from the registry, or inside a run's input.
All three have the same keys, so `AgentManifest.from_mapping` and `as_json` are inverse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aiwebhook.domain.manifest_fields import ManifestFields
from aiwebhook.errors import ConfigurationError


class AgentKind(StrEnum):
    """How the agent is run."""

    PYTHON = "python"
    """A Python module, run by the runner in a child process of its own."""
    COMMAND = "command"
    """Any executable that reads JSON on stdin and writes JSON lines on stdout."""
    WORKER = "worker"
    """Carried out by a connected worker on its own machine; never launched by the service."""


class AgentNeed(StrEnum):
    """What of the session the agent gets on its stdin."""

    CONVERSATION = "conversation"
    """The chunks of the session, oldest first."""
    MEMORIES = "memories"
    """The current version of every memory of the session."""


class ManifestInvalid(ConfigurationError):
    """The manifest breaks at least one rule; `problems` has one sentence per broken rule."""

    code = "manifest_invalid"
    remedy = "Correct the manifest; examples lie in agents/."

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__(f"{source}: " + "; ".join(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """Size of the Fargate task; only the pairs of FARGATE_MEMORY_MIB exist."""

    cpu: int = 256
    memory_mib: int = 512


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentManifest:
    """One agent. Build it with `from_mapping`, which enforces every rule."""

    name: str
    kind: AgentKind
    description: str
    entrypoint: str | None = None
    command: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    needs: tuple[AgentNeed, ...] = ()
    queue: bool = True
    max_concurrent: int = 1
    timeout_s: int = 600
    max_attempts: int = 3
    secrets: tuple[str, ...] = ()
    compute: Compute = field(default_factory=Compute)
    input_schema: Mapping[str, object] = field(default_factory=dict[str, object])
    output_schema: Mapping[str, object] = field(default_factory=dict[str, object])

    @classmethod
    def from_mapping(cls, data: Mapping[str, object], *, source: str) -> "AgentManifest":
        """Build the manifest, or raise ManifestInvalid naming `source`, field, rule and value."""
        fields = ManifestFields(data)
        kind = fields.one_of("kind", AgentKind)
        manifest = cls(
            name=fields.text("name", pattern=r"[a-z][a-z0-9_]{0,63}"),
            kind=kind,
            description=fields.text("description"),
            entrypoint=_entrypoint(fields, kind),
            command=_command(fields, kind),
            capabilities=fields.texts("capabilities", pattern=r"[a-z][a-z0-9_]{0,63}"),
            needs=fields.many_of("needs", AgentNeed),
            queue=fields.flag("queue", default=kind is not AgentKind.WORKER),
            max_concurrent=fields.whole("max_concurrent", default=1, low=1, high=1_000),
            timeout_s=fields.whole("timeout_s", default=600, low=1, high=86_400),
            max_attempts=fields.whole("max_attempts", default=3, low=1, high=20),
            secrets=_secrets(fields),
            compute=_compute(fields),
            input_schema=_schema(fields, "input_schema"),
            output_schema=_schema(fields, "output_schema"),
        )
        fields.refuse_unread()
        if fields.problems:
            raise ManifestInvalid(source, tuple(fields.problems))
        return manifest

    def as_json(self) -> dict[str, object]:
        """The same keys as the TOML file, JSON values only."""
        plain: dict[str, object] = {
            "name": self.name,
            "kind": self.kind.value,
            "description": self.description,
            "capabilities": list(self.capabilities),
            "needs": [need.value for need in self.needs],
            "queue": self.queue,
            "max_concurrent": self.max_concurrent,
            "timeout_s": self.timeout_s,
            "max_attempts": self.max_attempts,
            "secrets": list(self.secrets),
            "compute": {"cpu": self.compute.cpu, "memory_mib": self.compute.memory_mib},
            "input_schema": dict(self.input_schema),
            "output_schema": dict(self.output_schema),
        }
        if self.entrypoint is not None:
            plain["entrypoint"] = self.entrypoint
        if self.command:
            plain["command"] = list(self.command)
        return plain


def _entrypoint(fields: ManifestFields, kind: AgentKind) -> str | None:
    if kind is AgentKind.PYTHON:
        return fields.text("entrypoint", pattern=r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
    fields.refuse("entrypoint", f'only for kind "python", not for kind "{kind}"')
    return None


def _command(fields: ManifestFields, kind: AgentKind) -> tuple[str, ...]:
    if kind is not AgentKind.COMMAND:
        fields.refuse("command", f'only for kind "command", not for kind "{kind}"')
        return ()
    command = fields.texts("command")
    if not command:
        fields.problem("command", "must name the executable and its arguments", list(command))
    return command


def _secrets(fields: ManifestFields) -> tuple[str, ...]:
    names = fields.texts("secrets", pattern=r"[A-Z][A-Z0-9_]{0,127}")
    for name in names:
        # These carry the run's own authority; an agent that saw them could act as its supervisor.
        if name.startswith(("AIWEBHOOK_", "AWS_", "ECS_")):
            fields.problem("secrets", "must not start with AIWEBHOOK_, AWS_ or ECS_", name)
    return names


def _compute(fields: ManifestFields) -> Compute:
    inner = fields.table("compute")
    compute = Compute(
        cpu=inner.whole("cpu", default=256, low=256, high=16_384),
        memory_mib=inner.whole("memory_mib", default=512, low=512, high=122_880),
    )
    inner.refuse_unread()
    allowed = FARGATE_MEMORY_MIB.get(compute.cpu)
    if allowed is None:
        inner.problem("cpu", f"must be one of {_listed(tuple(FARGATE_MEMORY_MIB))}", compute.cpu)
    elif compute.memory_mib not in allowed:
        rule = f"must be one of {_listed(allowed)} for cpu {compute.cpu}"
        inner.problem("memory_mib", rule, compute.memory_mib)
    return compute


def _schema(fields: ManifestFields, name: str) -> Mapping[str, object]:
    schema = fields.mapping(name)
    if schema and schema.get("type") != "object":
        fields.problem(f"{name}.type", 'must be "object"', schema.get("type"))
    return schema


def _listed(sizes: tuple[int, ...]) -> str:
    return ", ".join(str(size) for size in sizes)
