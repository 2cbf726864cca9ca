"""What differs between environments, and nothing else: frozen values, no CDK types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Egress(StrEnum):
    """How the functions in the private subnets reach the internet (prices: us-east-1, a month)."""

    NAT_INSTANCE = "nat_instance"  # one t4g.nano, about $7, which repairs itself in minutes
    NAT_GATEWAY = "nat_gateway"  # one per availability zone, about $73 for two, plus traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The settings of one environment. Times are in days, rates in requests per second."""

    name: str
    egress: Egress
    database_instance: str
    database_storage_gib: int
    multi_az: bool
    keep_data: bool
    """Stateful resources survive a stack's deletion, and the database refuses to be deleted."""
    backup_days: int
    log_days: int
    container_insights: str = "disabled"
    """Memory and CPU of every run in CloudWatch: "enabled" (per task definition) or "enhanced" (per
    run). Some cents an hour of a run, which is why it is off."""
    throttle_rate: int
    throttle_burst: int
    cors_origins: tuple[str, ...] = ()
    """Web pages of these origins may call the API from a browser ("*": all). Off by default."""
    quiet_hosts: tuple[str, ...] = ("connectors.api.openai.com",)
    """Hosts of chats that lose events which come while they are used (ChatGPT): those are held back
    until the chat is quiet."""
    events_codes: str = "client"
    """Error codes of MCP Events: of the design "sketch", of the "sep", or of the text that each
    "client" follows."""
    public_url: str | None = None
    """A domain of one's own in front of the door stack, without a slash at its end; None: the URL
    that AWS gave. OAuth clients hold on to it: a change ends every connection."""
    callback_concurrency: int
    """How many notifier functions may run at once in each of the two lanes of callbacks; each holds
    one database connection."""

    @property
    def callback_share(self) -> int:
        """How many of them one project may occupy with receivers that are known to answer, and as
        many with others: together less than all, so that another project always finds one."""
        return max(1, (self.callback_concurrency - 1) // 2)


DEV = Stage(
    name="dev",
    egress=Egress.NAT_INSTANCE,
    database_instance="t4g.micro",
    database_storage_gib=20,
    multi_az=False,
    keep_data=False,
    backup_days=7,
    log_days=30,
    throttle_rate=50,
    throttle_burst=100,
    callback_concurrency=5,
)

PROD = Stage(
    name="prod",
    egress=Egress.NAT_INSTANCE,
    database_instance="t4g.small",
    database_storage_gib=50,
    multi_az=True,
    keep_data=True,
    backup_days=7,
    log_days=90,
    throttle_rate=500,
    throttle_burst=1000,
    callback_concurrency=20,
)

STAGES = (DEV, PROD)
