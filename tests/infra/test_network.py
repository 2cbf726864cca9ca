"""Who can reach whom."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.infra.template import Template

pytestmark = pytest.mark.req("O1")
STAND_IN = """#!/bin/bash
# Writes down its words. The second `dnf` brings iptables-nft, which knows whether it has a rule.
echo "${{0##*/}} $*" >> "{said}"
case "{name}" in
  swapon) [[ -e "$BIN/swap" ]]; exit ;;
  mkswap) : > "$BIN/swap" ;;
  dnf)
    [[ -e "$BIN/tried" ]] || {{ : > "$BIN/tried"; exit 1; }}
    /bin/cp "$BIN/sysctl" "$BIN/iptables-nft" ;;
esac
[[ "$1 $2 $3" != "-t nat -A" ]] || : > "$BIN/added"
[[ "$1 $2 $3" != "-t nat -C" ]] || [[ -e "$BIN/added" ]]
"""


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
    alarms = network.of_type("AWS::CloudWatch::Alarm").values()
    repairs = {
        alarm["MetricName"]: alarm["AlarmActions"][0]["Fn::Join"][1][-1].rpartition(":")[2]
        for alarm in alarms
    }
    assert repairs == {
        "StatusCheckFailed_System": "recover",
        "StatusCheckFailed_Instance": "reboot",
    }
    # The CloudWatch guide ("Create alarms to stop, terminate, reboot, or recover an EC2 instance")
    # has two minutes for one and three for the other, or the two race.
    minutes = {alarm["MetricName"]: alarm["EvaluationPeriods"] for alarm in alarms}
    assert minutes == {"StatusCheckFailed_System": 2, "StatusCheckFailed_Instance": 3}


def _files_of_the_machine(network: Template) -> tuple[str, str]:
    """The program and the service that the NAT instance's user data writes."""
    (machine,) = network.of_type("AWS::EC2::Instance").values()
    commands = machine["UserData"]["Fn::Base64"]
    program, service = (part.partition("END\n")[0] for part in commands.split("<<'END'\n")[1:])
    assert commands.splitlines()[-1] == "systemctl enable --now --no-block forward.service"
    return program, service


def test_the_nat_instance_gets_ready_at_each_boot(network: Template) -> None:
    """cloud-init runs user data once, at the first boot, where dnf fails now and then
    (aws/aws-cdk#36717); a restart, which is the repair, has to do all of it again."""
    _, service = _files_of_the_machine(network)
    assert "ExecStart=/usr/local/sbin/forward" in service
    assert "WantedBy=multi-user.target" in service


def test_the_nat_instance_forwards_after_a_failed_installation(
    network: Template, tmp_path: Path
) -> None:
    """Run with stand-ins on PATH: dnf fails once, and a second run adds no second rule."""
    program, _ = _files_of_the_machine(network)
    programs, said = tmp_path / "bin", tmp_path / "said"
    programs.mkdir()
    for name in ("swapon", "dd", "chmod", "mkswap", "sleep", "sysctl", "dnf"):
        (programs / name).write_text(STAND_IN.format(name=name, said=said), "utf-8")
        (programs / name).chmod(0o755)
    environment = {"PATH": str(programs), "BIN": str(programs)}
    for _ in range(2):
        subprocess.run(["/bin/bash", "-c", program], env=environment, check=True, timeout=30)
    lines = said.read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("dnf")] == ["dnf install -y iptables-nft"] * 2
    assert lines.index("mkswap /swap") < lines.index("dnf install -y iptables-nft")
    assert lines.count("mkswap /swap") == 1
    added = [line for line in lines if line.startswith("iptables-nft") and " -A " in line]
    assert added == ["iptables-nft -t nat -A POSTROUTING ! -o lo -j MASQUERADE"]
    assert lines.count("sysctl -w net.ipv4.ip_forward=1") == 2
