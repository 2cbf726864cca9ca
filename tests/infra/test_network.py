"""Who can reach whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.template import Template

pytestmark = pytest.mark.req("O1")


def group(network: Template, prefix: str) -> str:
    """The logical id of the security group."""
    (found,) = [key for key in network.of_type("AWS::EC2::SecurityGroup") if key.startswith(prefix)]
    return found


def ingress_into(network: Template, security_group: str) -> list[dict[str, Any]]:
    inline = network.resources[security_group]["Properties"].get("SecurityGroupIngress", [])
    separate = [
        rule
        for rule in network.of_type("AWS::EC2::SecurityGroupIngress").values()
        if rule["GroupId"] == {"Fn::GetAtt": [security_group, "GroupId"]}
    ]
    return [*inline, *separate]


def test_nothing_may_call_a_run(network: Template) -> None:
    assert ingress_into(network, group(network, "Runs")) == []


def test_nothing_may_call_a_function_over_the_network(network: Template) -> None:
    assert ingress_into(network, group(network, "Functions")) == []


def test_only_functions_reach_the_database_and_only_its_port(network: Template) -> None:
    (rule,) = ingress_into(network, group(network, "Database"))
    functions = group(network, "Functions")
    assert rule["SourceSecurityGroupId"] == {"Fn::GetAtt": [functions, "GroupId"]}
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (5432, 5432, "tcp")


def test_no_security_group_is_open_to_the_world(network: Template) -> None:
    for name in network.of_type("AWS::EC2::SecurityGroup"):
        for rule in ingress_into(network, name):
            assert "CidrIp" not in rule, name


def test_runs_leave_by_https_only(network: Template) -> None:
    properties = network.resources[group(network, "Runs")]["Properties"]
    (rule,) = properties["SecurityGroupEgress"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (443, 443, "tcp")


def test_the_databases_subnets_have_no_way_out(network: Template) -> None:
    tables = {
        association["RouteTableId"]["Ref"]
        for key, association in network.of_type("AWS::EC2::SubnetRouteTableAssociation").items()
        if key.startswith("VpcDatabase")
    }
    assert len(tables) == 2
    for route in network.of_type("AWS::EC2::Route").values():
        assert route["RouteTableId"]["Ref"] not in tables


def test_functions_leave_by_one_nat_instance(network: Template) -> None:
    gateways = network.of_type("AWS::EC2::NatGateway")
    instances = network.of_type("AWS::EC2::Instance")
    assert (len(gateways), len(instances)) == (0, 1)


def test_functions_stand_in_subnets_with_the_functions_group(service: Template) -> None:
    for name, function in service.functions().items():
        if name == "outbound":
            continue
        config = function["VpcConfig"]
        assert "FunctionsSecurityGroup" in str(config["SecurityGroupIds"]), name
        assert all("VpcFunctionsSubnet" in str(subnet) for subnet in config["SubnetIds"]), name


def test_what_speaks_with_strangers_has_no_way_inside(service: Template) -> None:
    outbound = service.functions()["outbound"]
    assert "VpcConfig" not in outbound
    variables = outbound["Environment"]["Variables"]
    assert not [name for name in variables if "DATABASE" in name or "SECRET" in name]


def test_functions_inside_leave_by_https_and_to_the_database_alone(network: Template) -> None:
    functions = group(network, "Functions")
    properties = network.resources[functions]["Properties"]
    ports = {rule["FromPort"] for rule in properties["SecurityGroupEgress"]}
    separate = {
        rule["FromPort"]
        for rule in network.of_type("AWS::EC2::SecurityGroupEgress").values()
        if rule["GroupId"] == {"Fn::GetAtt": [functions, "GroupId"]}
    }
    assert ports | separate == {443, 5432}


def test_runs_get_public_subnets_and_the_runs_group(service: Template) -> None:
    variables = service.functions()["dispatcher"]["Environment"]["Variables"]
    assert "RunsSecurityGroup" in str(variables["SECURITY_GROUP_ID"])
    _, parts = variables["SUBNET_IDS"]["Fn::Join"]
    assert [part for part in parts if isinstance(part, str)] == [","]
    assert str(parts).count("VpcPublicSubnet") == 2


def test_the_nat_instance_keeps_its_address_and_repairs_itself(network: Template) -> None:
    ((name, machine),) = network.of_type("AWS::EC2::Instance").items()
    assert machine["MetadataOptions"] == {"HttpTokens": "required"}
    (disk,) = machine["BlockDeviceMappings"]
    assert disk["Ebs"]["Encrypted"] is True
    (address,) = network.of_type("AWS::EC2::EIP").values()
    assert address["InstanceId"] == {"Ref": name}
    repairs = {
        alarm["MetricName"]: alarm["AlarmActions"][0]["Fn::Join"][1][-1].rpartition(":")[2]
        for alarm in network.of_type("AWS::CloudWatch::Alarm").values()
    }
    assert repairs == {
        "StatusCheckFailed_System": "recover",
        "StatusCheckFailed_Instance": "reboot",
    }
