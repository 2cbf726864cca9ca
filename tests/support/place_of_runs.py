"""Where runs start on moto: what the stacks make for them in an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfRuns:
    """Ids of what was made."""

    cluster_arn: str
    subnet_id: str
    group_id: str


def make_place_of_runs(ecs: Any, ec2: Any, *, cluster: str) -> PlaceOfRuns:
    """A cluster, a subnet and a security group; and the researcher's task definition, of the family
    `researcher-family`. By boto3's clients, which have no types.
    """
    cluster_arn = ecs.create_cluster(clusterName=cluster)["cluster"]["clusterArn"]
    ecs.register_task_definition(
        family="researcher-family",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "runner", "image": "runner", "memory": 256}],
    )
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="runs", Description="runs", VpcId=vpc)["GroupId"]
    return PlaceOfRuns(cluster_arn=cluster_arn, subnet_id=subnet, group_id=group)
