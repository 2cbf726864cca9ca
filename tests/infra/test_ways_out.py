"""The ways out that no committed template shows: NAT gateways, one or per zone, and IPv6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.costs import idle_costs
from infra.nag import examine
from infra.stages import DEV, AgentSettings, Egress, Stage
from tests.infra.synthesised import synthesise
from tests.infra.template import Template

pytestmark = [pytest.mark.req("O1"), pytest.mark.synth]

ONE = DEV.model_copy(update={"name": "one", "egress": Egress.NAT_GATEWAY})
ZONES = DEV.model_copy(update={"name": "zones", "egress": Egress.NAT_GATEWAY_PER_ZONE})
SIX = DEV.model_copy(update={"name": "six", "egress": Egress.IPV6})
ALL_ELSE = Stage.model_validate(
    DEV.model_dump()
    | {
        "name": "else",
        "domain_name": "api.example.org",
        "certificate_arn": "arn:aws:acm:eu-central-1:111111111111:certificate/c",
        "allowed_cidrs": ("192.0.2.0/24",),
        "waf": True,
        "alarm_email": "ops@example.org",
        "snap_start": ("relay", "session_api"),
        "agents": {"researcher": AgentSettings(spot=True, warm_workers=1)},
    }
)
"""Whatever else dev and prod leave off."""
Templates = Mapping[tuple[str, str], Template]


@pytest.fixture(scope="module")
def templates() -> Templates:
    return synthesise(ONE, ZONES, SIX)


def routes_out(network: Template, target: str) -> dict[str, Any]:
    """Subnet of the functions → where its default route leads, of the routes that name `target`."""
    tables = {
        association["RouteTableId"]["Ref"]: association["SubnetId"]["Ref"]
        for association in network.of_type("AWS::EC2::SubnetRouteTableAssociation").values()
    }
    return {
        tables[route["RouteTableId"]["Ref"]]: route[target]
        for route in network.of_type("AWS::EC2::Route").values()
        if target in route and "FunctionsSubnet" in tables[route["RouteTableId"]["Ref"]]
    }


@pytest.mark.parametrize(("stage", "gateways"), [(ONE, 1), (ZONES, 2)], ids=["one", "per zone"])
def test_functions_leave_by_gateways(templates: Templates, stage: Stage, gateways: int) -> None:
    network = templates[stage.name, "network"]
    made = network.of_type("AWS::EC2::NatGateway")
    assert (len(made), len(network.of_type("AWS::EC2::Instance"))) == (gateways, 0)
    assert len(network.of_type("AWS::EC2::EIP")) == gateways
    routes = routes_out(network, "NatGatewayId")
    assert len(routes) == 2, "each zone's subnet of the functions"
    assert {route["Ref"] for route in routes.values()} == made.keys()
    assert not network.of_type("AWS::CloudWatch::Alarm"), "a gateway needs no repair"


def test_with_ipv6_functions_leave_without_a_gateway_that_costs(templates: Templates) -> None:
    network, service = templates[SIX.name, "network"], templates[SIX.name, "service"]
    for kind in ("NatGateway", "Instance", "EIP"):
        assert not network.of_type(f"AWS::EC2::{kind}"), kind
    (out,) = network.of_type("AWS::EC2::EgressOnlyInternetGateway")
    routes = routes_out(network, "EgressOnlyInternetGatewayId")
    assert len(routes) == 2
    assert all(out in str(route) for route in routes.values())
    assert not routes_out(network, "NatGatewayId")
    for name, function in service.functions().items():
        if name == "outbound":
            assert "VpcConfig" not in function, "strangers without IPv6 are reached from outside"
            continue
        assert function["VpcConfig"]["Ipv6AllowedForDualStack"] is True, name


def test_with_ipv6_functions_may_call_hosts_that_have_it_and_runs_all_others(
    templates: Templates,
) -> None:
    groups = templates[SIX.name, "network"].of_type("AWS::EC2::SecurityGroup")
    out = {
        key: [(rule.get("CidrIpv6"), rule.get("CidrIp"), rule["FromPort"]) for rule in rules]
        for key, group in groups.items()
        for rules in [group.get("SecurityGroupEgress", [])]
    }
    (functions,) = [rules for key, rules in out.items() if key.startswith("Functions")]
    # S3 is reached by the gateway endpoint, whose addresses are IPv4; no route leads elsewhere.
    assert functions == [(None, "0.0.0.0/0", 443), ("::/0", None, 443)]
    (runs,) = [rules for key, rules in out.items() if key.startswith("Runs")]
    assert runs == [(None, "0.0.0.0/0", 443)]


def test_with_ipv6_services_are_called_at_the_hosts_that_have_it(templates: Templates) -> None:
    """ecs.<region>.amazonaws.com and the like have no AAAA record (AWS's pages on dual stack)."""
    for stage, host in ((ONE, None), (SIX, [{"Ref": "AWS::Region"}, ".api.aws"])):
        for name, function in templates[stage.name, "service"].functions().items():
            variables = function["Environment"]["Variables"]
            for service in ("ECS", "LAMBDA", "SECRETS_MANAGER"):
                url = variables.get(f"AWS_ENDPOINT_URL_{service}")
                wanted = None if name == "outbound" else host
                assert (url and url["Fn::Join"][1][1:]) == wanted, (name, service)


def test_what_a_way_out_costs_is_in_the_check() -> None:
    costs = {
        stage.name: {item.name: round(item.dollars, 2) for item in idle_costs(stage)}
        for stage in (ONE, ZONES, SIX)
    }
    assert costs["one"]["NAT gateway with its address"] == 36.5
    assert costs["zones"]["2 NAT gateways with their addresses"] == 73.0
    assert costs["six"]["IPv6 out"] == 0
    assert sum(costs["six"].values()) < sum(costs["one"].values()) < sum(costs["zones"].values())


@pytest.mark.slow
def test_cdk_nag_finds_nothing_open_in_what_no_committed_template_shows() -> None:
    found = examine("AwsSolutions", (ONE, ZONES, SIX, ALL_ELSE))
    assert found.findings, "the pack has looked"
    assert [f"{f.path}: {f.rule} {f.found}" for f in found.open] == []
