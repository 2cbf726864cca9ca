"""What differs between environments, and nothing else: frozen values, no CDK types.

`infra/stage_file.py` reads the user's own; the table in docs/deploy.md is made of this model.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ZONES = 2
"""Availability zones that a stage lies in."""
KeptDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]
"""What CloudWatch offers."""


class Egress(StrEnum):
    """How the functions in the private subnets reach the internet (prices: us-east-1, a month)."""

    NAT_INSTANCE = "nat_instance"  # one t4g.nano, about $7, which repairs itself in minutes
    NAT_GATEWAY = "nat_gateway"  # one for all zones, about $37, plus traffic
    NAT_GATEWAY_PER_ZONE = "nat_gateway_per_zone"  # about $73 for two, plus traffic
    IPV6 = "ipv6"  # nothing, but only hosts that have IPv6, and not yet tried on AWS


GATEWAYS: Mapping[Egress, int] = {
    Egress.NAT_INSTANCE: 1,
    Egress.NAT_GATEWAY: 1,
    Egress.NAT_GATEWAY_PER_ZONE: ZONES,
    Egress.IPV6: 0,
}
"""How many NATs a stage has; each takes an Elastic IP address."""


class LoginKind(StrEnum):
    """How the functions' roles log in to the database (ADR 0026)."""

    IAM = "iam"  # signed tokens; the server needs 300 to 1,000 MiB for it beside its load
    PASSWORD = "password"  # noqa: S105 - made and rotated by migrate, kept in Parameter Store


CONNECTION_ROOM: Mapping[str, int] = {
    "t4g.micro": 80,
    "t4g.small": 180,
    "t4g.medium": 390,
    "t4g.large": 800,
    "m7g.large": 800,
    "m7g.xlarge": 1600,
    "r7g.large": 1600,
}
"""How many connections the database of a class takes, less what RDS and people need: RDS allows
one per 9.5 MB of what its memory leaves."""
_MOST_STORAGE_GIB = 65_536
"""Of PostgreSQL on RDS, which refuses an instance that may grow beyond."""
_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Connections(BaseModel):
    """How many database connections functions may have at once: their roles' CONNECTION LIMIT."""

    model_config = _FROZEN

    relay: int = Field(ge=2, le=2_000)
    """Database connections that relay may have at once. All functions' connections, plus two per
    `callback_concurrency`, must fit the database's class (some 80 with 1 GiB of memory, 180 with
    2)."""
    session_api: int = Field(ge=2, le=2_000)
    """The same for session_api."""
    dispatcher: int = Field(default=16, ge=2, le=2_000)
    """The same for dispatcher: at most two per agent."""
    reaper: int = Field(default=4, ge=2, le=100)
    """The same for reaper, which runs once a minute and when runs stop."""
    reconciler: int = Field(default=2, ge=1, le=100)
    """The same for reconciler, which runs once a minute."""


class AgentSettings(BaseModel):
    """What a stage overrides in an agent's manifest."""

    model_config = _FROZEN

    spot: bool | None = None
    """Whether its runs use Fargate's spare capacity: up to 70 % cheaper, but stopped within two
    minutes when AWS needs it, after which the task runs again. None: as the manifest says."""
    warm_workers: int = Field(default=0, ge=0, le=50)
    """How many of its containers are kept waiting for tasks, which then start within seconds, for
    $10 to $40 a month each. A task that none of them takes within ten seconds gets a container of
    its own, as usual."""


class Stage(BaseModel):
    """The settings of one environment."""

    model_config = _FROZEN

    name: str = Field(pattern=r"^[a-z][a-z0-9]{0,19}$")
    """What the stacks are named after: `AiWebhook-<name>-…`."""
    egress: Egress = Egress.NAT_INSTANCE
    """How functions reach the internet."""
    database_instance: str = Field(pattern=r"^[a-z0-9]+\.[a-z0-9]+$")
    """RDS's instance class, without `db.`."""
    database_major: int = Field(default=18, ge=15, le=18)
    """PostgreSQL's major version; RDS chooses and applies the minor ones. A later one is installed
    at the next deployment: the database is away for minutes, and there is no way back."""
    database_storage_gib: int = Field(ge=20, le=16_384)
    """The initial size; storage grows automatically up to five times that (65,536 at most)."""
    multi_az: bool
    """Whether a standby in another zone takes over within minutes."""
    database_login: LoginKind
    """How functions log in to the database: `password`, or `iam`, for which the server needs 300 to
    1,000 MiB more."""
    connections: Connections
    database_snapshot: str | None = None
    """The name or ARN of a snapshot to create the database from. It stays set: without it, or with
    another one, the next deployment creates another database."""
    app_secret_arn: str | None = Field(default=None, pattern=r"^arn:[^:]+:secretsmanager:")
    """The full ARN of an earlier deployment's AppSecret: a database that comes from there needs it,
    because leases and callback secrets are derived from it."""
    keep_data: bool
    """Stateful resources survive a stack's deletion, and the database refuses to be deleted."""
    backup_days: int = Field(default=7, ge=1, le=35)
    """How many days back the database can be restored to any moment."""
    log_days: KeptDays
    """How long CloudWatch keeps logs."""
    container_insights: Literal["disabled", "enabled", "enhanced"] = "disabled"
    """Memory and CPU of every run in CloudWatch: `enabled` (per task definition) or `enhanced` (per
    run). Off by default, because each hour of a run then costs some cents more."""
    throttle_rate: int = Field(ge=1, le=10_000)
    """Requests per second from all clients together."""
    throttle_burst: int = Field(ge=1, le=5_000)
    """Requests at once."""
    cors_origins: tuple[str, ...] = ()
    """The origins whose web pages may call the API from a browser (`*`: all)."""
    quiet_hosts: tuple[str, ...] = ("connectors.api.openai.com",)
    """Hosts of chats that lose events arriving while they are in use (ChatGPT): such events are
    held back until the chat is quiet."""
    events_codes: Literal["client", "sketch", "sep"] = "client"
    """Which error codes MCP Events use: those of the design `sketch`, of the `sep`, or of whichever
    text the `client` follows."""
    public_url: str | None = Field(default=None, pattern=r"^https://[^/\s]+$")
    """The URL of your own domain in front of the stack `door`, without a trailing slash; by default
    the URL that AWS assigned. OAuth clients are bound to it: changing it ends every connection."""
    domain_name: str | None = Field(default=None, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    """Your own domain: everything is then at `https://<domain_name>`, a URL that outlives every
    stack. Point its DNS record to the output `DomainTarget`."""
    certificate_arn: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:acm:")
    """The domain's certificate, in AWS Certificate Manager of the same Region."""
    allowed_cidrs: tuple[str, ...] = ()
    """The only address ranges that may call, except runs and workers, which may call from anywhere.
    Include those of your webhooks' senders and chat clients. Needs `domain_name`."""
    waf: bool = False
    """Whether AWS WAF blocks addresses by reputation and rate, and known attacks. Its rules about
    bodies only count. Needs `domain_name`."""
    waf_rate_per_address: int = Field(default=3000, ge=100)
    """How many requests WAF lets one address make within five minutes."""
    alarm_email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")
    """Where alarms go, some 30 for $2 a month; AWS asks the address once to confirm. Without it
    there are no alarms."""
    callback_concurrency: int = Field(ge=2, le=1000)
    """How many notifiers may run at once in each of the two lanes of callbacks; each holds one
    database connection."""
    snap_start: tuple[Literal["relay", "session_api"], ...] = ()
    """Which functions start from a snapshot of their memory, within tenths of a second: `relay`,
    `session_api` or both. Each costs $4 a month, and deployments take minutes longer."""
    agents: Mapping[str, AgentSettings] = Field(default_factory=dict[str, AgentSettings])
    max_waits: int = Field(ge=0, le=500)
    """How many requests relay and session_api each hold at once (`wait`, `sync`); each keeps a
    function and a database connection busy. `cloud deploy` sets it to 0 while the account may run
    fewer than four times as many functions. Programs that keep asking are told to pause: a request
    held all month would cost $36."""

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        """Raises ValueError, which pydantic expects."""
        if (self.domain_name is None) is not (self.certificate_arn is None):
            raise ValueError("Set domain_name and certificate_arn together, or neither.")
        if self.domain_name is not None and self.public_url is not None:
            raise ValueError("Set domain_name or public_url, not both.")
        if self.domain_name is None and (self.waf or self.allowed_cidrs):
            # The URL that AWS gives belongs to an HTTP API, which has neither.
            raise ValueError("waf and allowed_cidrs need a domain_name, or they could be evaded.")
        self._check_connections()
        for cidr in self.allowed_cidrs:
            try:
                ip_network(cidr)
            except ValueError as exc:
                raise ValueError(f"allowed_cidrs: {cidr!r} is not an address range.") from exc
        return self

    def _check_connections(self) -> None:
        """Raises ValueError."""
        wanted, room = (
            sum(self.connection_limits.values()),
            CONNECTION_ROOM.get(self.database_instance),
        )
        if room is not None and wanted > room:
            raise ValueError(
                f"connections and callback_concurrency add up to {wanted} connections, but a"
                f" {self.database_instance} takes some {room}: lower them, or set a larger"
                " database_instance."
            )
        for name in ("relay", "session_api"):
            if self.connection_limits[name] <= self.max_waits:
                raise ValueError(
                    f"max_waits ({self.max_waits}) would take every connection of {name}: set"
                    f" connections.{name} higher, or max_waits lower."
                )

    @property
    def connection_limits(self) -> dict[str, int]:
        """How many connections each function may have at once, so that one that leaks or runs away
        exhausts only its own.
        """
        return {**self.connections.model_dump(), "notifier": 2 * self.callback_concurrency}

    @property
    def most_storage_gib(self) -> int:
        """What the database's storage may grow to by itself."""
        return min(5 * self.database_storage_gib, _MOST_STORAGE_GIB)

    @property
    def has_warm_workers(self) -> bool:
        """Whether containers of any agent wait for tasks."""
        return any(agent.warm_workers for agent in self.agents.values())

    @property
    def callback_share(self) -> int:
        """How many of them one project may occupy with receivers that are known to answer, and as
        many with others: together less than all, so that another project always finds one."""
        return max(1, (self.callback_concurrency - 1) // 2)


DEV = Stage(
    name="dev",
    database_instance="t4g.micro",
    database_storage_gib=20,
    multi_az=False,
    database_login=LoginKind.PASSWORD,
    connections=Connections(relay=22, session_api=22),
    keep_data=False,
    log_days=30,
    throttle_rate=50,
    throttle_burst=100,
    callback_concurrency=5,
    max_waits=12,
)

PROD = Stage(
    name="prod",
    database_instance="t4g.small",
    database_storage_gib=50,
    multi_az=True,
    database_login=LoginKind.IAM,
    connections=Connections(relay=55, session_api=55),
    keep_data=True,
    log_days=90,
    throttle_rate=500,
    throttle_burst=1000,
    callback_concurrency=20,
    max_waits=40,
)

STAGES = (DEV, PROD)
"""The built-in stages, and those that infra/synth shows."""
