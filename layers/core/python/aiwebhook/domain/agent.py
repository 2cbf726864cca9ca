"""An agent manifest: what an agent is, needs and may use. Pure: values in, values or one error out.

A manifest comes from a TOML file (built-in agents), from the registry, or inside a run's input.
All three have the same keys, so `AgentManifest.from_mapping` and `as_json` are inverse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiwebhook.domain.agent_kind import CLI_KINDS, ON_A_MODEL, AgentKind, AgentNeed, AgentTools
from aiwebhook.domain.compute import Compute, read_compute
from aiwebhook.domain.manifest_fields import ManifestFields
from aiwebhook.errors import ConfigurationError

__all__ = [
    "CLI_KINDS",
    "ON_A_MODEL",
    "AgentKind",
    "AgentManifest",
    "AgentNeed",
    "AgentTools",
    "Compute",
    "ManifestInvalid",
    "McpServer",
]


class ManifestInvalid(ConfigurationError):
    """The manifest breaks at least one rule; `problems` has one sentence per broken rule."""

    code = "manifest_invalid"

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__(f"{source}: " + "; ".join(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServer:
    """A local MCP server (stdio) that the agent's CLI starts; only a manifest may name one."""

    command: tuple[str, ...]


_NAME = r"[a-z][a-z0-9_]{0,63}"
_TITLE = r"[^\W\d_](?:(?:[^\W_]|[ .'-]){0,58}[^\W_])?"  # can be spoken within a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentManifest:
    """One agent. Build it with `from_mapping`, which enforces every rule."""

    name: str
    kind: AgentKind
    description: str
    title: str = ""
    """What people call it: `Claude Code`, `the researcher`. Empty: made of the name."""
    entrypoint: str | None = None
    command: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    runs_on: tuple[AgentKind, ...] = ()
    """Of a template: the command-line agents it may run on, best first."""
    brief: str = ""
    """Instructions beside the task, for kinds ON_A_MODEL."""
    tools: AgentTools = AgentTools.ALL
    model: str = ""
    """Empty: what the adapter takes by default."""
    max_turns: int = 0
    """Of the model, for one run; 0: no limit."""
    max_cost_usd: float = 0.0
    """For one run; 0: no limit. Needs the LLM gateway, which all kinds ON_A_MODEL have."""
    first_output_s: int = 120
    """Silence at the start after which a command-line agent is taken for hung."""
    idle_s: int = 900
    """Silence in the middle after which it is; a build may be quiet for minutes."""
    mcp_servers: Mapping[str, McpServer] = field(default_factory=dict[str, McpServer])
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
            name=fields.text("name", pattern=_NAME),
            kind=kind,
            description=fields.text("description"),
            title=fields.optional_text("title", pattern=_TITLE),
            entrypoint=_entrypoint(fields, kind),
            command=_command(fields, kind),
            aliases=fields.texts("aliases", pattern=_NAME),
            runs_on=_runs_on(fields, kind),
            brief=_model_text(fields, kind, "brief"),
            tools=fields.optional_one_of("tools", AgentTools.ALL),
            model=_model_text(fields, kind, "model"),
            max_turns=fields.whole("max_turns", default=0, low=0, high=10_000),
            max_cost_usd=fields.number("max_cost_usd", default=0.0, low=0.0, high=100_000.0),
            first_output_s=fields.whole("first_output_s", default=120, low=1, high=86_400),
            idle_s=fields.whole("idle_s", default=900, low=1, high=86_400),
            mcp_servers=_mcp_servers(fields, kind),
            capabilities=fields.texts("capabilities", pattern=_NAME),
            needs=fields.many_of("needs", AgentNeed),
            queue=fields.flag("queue", default=kind is not AgentKind.WORKER),
            max_concurrent=fields.whole("max_concurrent", default=1, low=1, high=1_000),
            timeout_s=fields.whole("timeout_s", default=600, low=1, high=86_400),
            max_attempts=fields.whole("max_attempts", default=3, low=1, high=20),
            secrets=_secrets(fields),
            compute=read_compute(fields),
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
            "aliases": list(self.aliases),
            "capabilities": list(self.capabilities),
            "needs": [need.value for need in self.needs],
            "queue": self.queue,
            "max_concurrent": self.max_concurrent,
            "timeout_s": self.timeout_s,
            "max_attempts": self.max_attempts,
            "secrets": list(self.secrets),
            "compute": self.compute.as_json(),
            "input_schema": dict(self.input_schema),
            "output_schema": dict(self.output_schema),
        }
        if self.title:
            plain["title"] = self.title
        if self.entrypoint is not None:
            plain["entrypoint"] = self.entrypoint
        if self.command:
            plain["command"] = list(self.command)
        if self.kind in ON_A_MODEL:
            plain |= {
                "runs_on": [kind.value for kind in self.runs_on],
                "brief": self.brief,
                "tools": self.tools.value,
                "model": self.model,
                "max_turns": self.max_turns,
                "max_cost_usd": self.max_cost_usd,
                "first_output_s": self.first_output_s,
                "idle_s": self.idle_s,
                "mcp_servers": {
                    name: {"command": list(server.command)}
                    for name, server in self.mcp_servers.items()
                },
            }
            plain = {name: value for name, value in plain.items() if value not in ("", [], {})}
        return plain


def _entrypoint(fields: ManifestFields, kind: AgentKind) -> str | None:
    pattern = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"
    if kind is AgentKind.PYTHON:
        return fields.text("entrypoint", pattern=pattern)
    if kind is AgentKind.TEMPLATE:
        return fields.optional_text("entrypoint", pattern=pattern) or None
    fields.refuse("entrypoint", f'only for kinds "python" and "template", not for kind "{kind}"')
    return None


def _runs_on(fields: ManifestFields, kind: AgentKind) -> tuple[AgentKind, ...]:
    if kind is not AgentKind.TEMPLATE:
        fields.refuse("runs_on", f'only for kind "template", not for kind "{kind}"')
        return ()
    wanted = fields.many_of("runs_on", AgentKind)
    for other in wanted:
        if other not in CLI_KINDS:
            rule = f"must have items from {', '.join(CLI_KINDS)}"
            fields.problem("runs_on", rule, other.value)
    if not wanted:
        fields.problem("runs_on", "must name at least one kind of agent", [])
    return wanted


def _model_text(fields: ManifestFields, kind: AgentKind, name: str) -> str:
    if kind in ON_A_MODEL:
        return fields.optional_text(name)
    fields.refuse(name, f'only for kinds that talk to a model, not for kind "{kind}"')
    return ""


def _mcp_servers(fields: ManifestFields, kind: AgentKind) -> Mapping[str, McpServer]:
    if kind not in ON_A_MODEL:
        fields.refuse("mcp_servers", f'only for kinds that talk to a model, not for kind "{kind}"')
        return {}
    servers: dict[str, McpServer] = {}
    table = fields.table("mcp_servers")
    for name in table.names():
        server = table.table(name)
        command = server.texts("command")
        if not command:
            server.problem("command", "must name the executable and its arguments", [])
        server.refuse_unread()
        servers[name] = McpServer(command=command)
    return servers


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


def _schema(fields: ManifestFields, name: str) -> Mapping[str, object]:
    schema = fields.mapping(name)
    if schema and schema.get("type") != "object":
        fields.problem(f"{name}.type", 'must be "object"', schema.get("type"))
    return schema
