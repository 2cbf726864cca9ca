"""network: the VPC, who may speak to whom, and the way out."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.constructs.nat_instance import look_after, nat_provider
from infra.justify import justify
from infra.stages import GATEWAYS, ZONES, Egress, Stage

_HTTPS = ec2.Port.tcp(443)
_POSTGRES = ec2.Port.tcp(5432)
_SUBNETS = [
    ec2.SubnetConfiguration(
        name="Public",
        subnet_type=ec2.SubnetType.PUBLIC,
        cidr_mask=20,
        # Runs ask for an address when they start; nothing else should get one.
        map_public_ip_on_launch=False,
    ),
    ec2.SubnetConfiguration(
        name="Functions", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20
    ),
    ec2.SubnetConfiguration(
        name="Database", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
    ),
]


class NetworkStack(Stack):
    """Public subnets for runs, private ones for functions, isolated ones for the database.

    The security groups stand here, so that data and service need not know each other.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.keep_data)
        self._ipv6 = stage.egress is Egress.IPV6
        nat = nat_provider() if stage.egress is Egress.NAT_INSTANCE else None
        self.vpc = self._make_vpc(stage.egress, nat)
        self.function_security_group = self._security_group("Functions", "Lambda functions")
        self.database_security_group = self._security_group("Database", "The database")
        self.run_security_group = self._security_group("Runs", "Agent runs: nothing may call in")
        justify(
            self.vpc,
            {"VPC7": "Flow logs cost by the gigabyte; who may reach whom is in the groups below."},
        )
        if nat is not None:
            look_after(self, nat)
        self._open_ways(nat)

    def _make_vpc(self, egress: Egress, nat: ec2.NatInstanceProviderV2 | None) -> ec2.Vpc:
        return ec2.Vpc(
            self,
            "Vpc",
            max_azs=ZONES,
            nat_gateways=GATEWAYS[egress],
            nat_gateway_provider=nat,
            # With it the private subnets get an egress-only gateway for IPv6.
            ip_protocol=ec2.IpProtocol.DUAL_STACK if egress is Egress.IPV6 else None,
            subnet_configuration=_SUBNETS,
            # Free, and keeps artifacts off the NAT.
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
            },
        )

    def _security_group(self, construct_id: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self,
            f"{construct_id}SecurityGroup",
            vpc=self.vpc,
            description=description,
            allow_all_outbound=False,
        )

    def _open_ways(self, nat: ec2.NatInstanceProviderV2 | None) -> None:
        """HTTPS out for functions and runs, PostgreSQL from functions to the database; no more."""
        functions, database = self.function_security_group, self.database_security_group
        anywhere = ec2.Peer.any_ipv4()
        # AWS's hosts, whose addresses are too many for a rule: strangers are outbound's (ADR 0033).
        # With IPv6, too: S3 is behind the gateway endpoint, which has addresses of IPv4.
        functions.add_egress_rule(anywhere, _HTTPS, "AWS")
        if self._ipv6:
            functions.add_egress_rule(ec2.Peer.any_ipv6(), _HTTPS, "AWS")
        functions.add_egress_rule(database, _POSTGRES, "The database")
        database.add_ingress_rule(functions, _POSTGRES, "Functions")
        self.run_security_group.add_egress_rule(anywhere, _HTTPS, "Runs API and model providers")
        if nat is not None:
            nat.security_group.add_ingress_rule(functions, _HTTPS, "Functions")
