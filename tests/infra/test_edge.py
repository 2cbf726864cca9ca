"""What stands before the functions: access log, firewall, allowed addresses, a domain, alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.costs import idle_costs
from infra.stages import DEV, PROD, Stage
from tests.infra.synthesised import synthesise
from tests.infra.template import Template

pytestmark = pytest.mark.req("O1")
_DOMAIN = {
    "domain_name": "agents.example.org",
    "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/c",
}
GUARDED = Stage.model_validate(
    DEV.model_dump()
    | _DOMAIN
    | {
        "name": "guarded",
        "waf": True,
        "allowed_cidrs": ["192.0.2.0/24"],
        "alarm_email": "ops@example.org",
    }
)
BESIDE = PROD.model_copy(update={"name": "beside", "alarm_email": "ops@example.org"})
synth = pytest.mark.synth
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def stacks() -> Mapping[tuple[str, str], Template]:
    return synthesise(GUARDED, BESIDE)


def test_each_request_leaves_a_line_without_header_query_or_body(
    service: Template, door: Template
) -> None:
    (rest,) = service.of_type("AWS::ApiGateway::Stage").values()
    (http,) = door.of_type("AWS::ApiGatewayV2::Stage").values()
    for log in (rest["AccessLogSetting"], http["AccessLogSettings"]):
        assert log["DestinationArn"]
        line = json.loads(log["Format"])
        assert line.keys() >= {"gateway_request_id", "status", "latency_ms", "gateway_error"}
        assert all(value.startswith("$context.") for value in line.values())
        assert not {"$context.path", "$context.error.message"} & set(line.values())
        assert "header" not in log["Format"]
        assert "identity" not in log["Format"], "neither addresses nor keys"


def test_the_role_of_the_gateways_log_outlives_a_stage(service: Template) -> None:
    """It is one per account and Region: another stage may be using it."""
    (account,) = service.of_type("AWS::ApiGateway::Account").values()
    (role,) = [name for name in service.resources if name in json.dumps(account)]
    assert service.resources[role]["DeletionPolicy"] == "Retain"


def test_a_function_without_an_answer_and_a_body_too_large_have_both_remedies(
    service: Template,
) -> None:
    answers = service.of_type("AWS::ApiGateway::GatewayResponse").values()
    (answer,) = [each for each in answers if each["ResponseType"] == "INTEGRATION_FAILURE"]
    text = str(answer["ResponseTemplates"])
    assert "above 4.4 MB: send it in parts" in text
    assert "Try again in a few seconds" in text


def _is_mailed(name: str) -> bool:
    return name.startswith("Alarms")


def test_without_settings_there_is_no_firewall_no_policy_and_no_alarm(service: Template) -> None:
    assert not service.of_type("AWS::WAFv2::WebACL")
    assert not [name for name in service.of_type("AWS::CloudWatch::Alarm") if _is_mailed(name)]
    (api,) = service.of_type("AWS::ApiGateway::RestApi").values()
    assert "Policy" not in api


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"waf": True}, "need a domain_name, or they could be evaded"),
        ({"allowed_cidrs": ["192.0.2.0/24"]}, "need a domain_name"),
        ({"domain_name": "a.example.org"}, "certificate_arn together"),
        (_DOMAIN | {"allowed_cidrs": ["192.0.2.7/24"]}, "'192.0.2.7/24' is not an address range"),
        (_DOMAIN | {"public_url": "https://b.example.org"}, "domain_name or public_url"),
    ],
)
def test_settings_that_do_not_agree_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Stage.model_validate(DEV.model_dump() | settings)


def test_the_firewall_costs_what_it_costs() -> None:
    dollars = {item.name: item.dollars for item in idle_costs(GUARDED)}
    assert dollars["WAF"] == 9


@slow
@synth
def test_the_firewall_blocks_addresses_and_only_counts_what_it_dislikes_in_bodies(
    stacks: Mapping[tuple[str, str], Template],
) -> None:
    service = stacks["guarded", "service"]
    (acl,) = service.of_type("AWS::WAFv2::WebACL").values()
    rate, *managed = acl["Rules"]
    assert rate["Action"] == {"Block": {}}
    assert rate["Statement"]["RateBasedStatement"] == {"AggregateKeyType": "IP", "Limit": 3000}
    counted: set[str] = set()
    for rule in managed:
        group = rule["Statement"]["ManagedRuleGroupStatement"]
        for override in group.get("RuleActionOverrides", []):
            assert override["ActionToUse"] == {"Count": {}}
            counted.add(override["Name"])
    assert {name for name in counted if name.endswith("_BODY")} == {
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "SizeRestrictions_BODY",
    }
    (association,) = service.of_type("AWS::WAFv2::WebACLAssociation").values()
    assert "/stages/" in json.dumps(association["ResourceArn"])
    assert "AnonymousIpList" not in json.dumps(acl), "it has the addresses of most webhook senders"


@slow
@synth
def test_only_allowed_addresses_call_and_runs_from_anywhere(
    stacks: Mapping[tuple[str, str], Template],
) -> None:
    service = stacks["guarded", "service"]
    (api,) = service.of_type("AWS::ApiGateway::RestApi").values()
    restricted, runs = api["Policy"]["Statement"]
    assert restricted["Condition"] == {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}
    assert (runs["Resource"], "Condition" in runs) == ("execute-api:/*/*/v1/runs/*", False)
    paths = {each["PathPart"] for each in service.of_type("AWS::ApiGateway::Resource").values()}
    assert "runs" in paths, "the policy names a path, not what {proxy+} stands for"


@slow
@synth
def test_a_domain_of_ones_own_has_a_stack_of_its_own_and_no_door_beside_it(
    stacks: Mapping[tuple[str, str], Template],
) -> None:
    door, service = stacks["guarded", "door"], stacks["guarded", "service"]
    assert {each["Type"] for each in door.resources.values()} == {"AWS::ApiGateway::DomainName"}
    assert door.body["Outputs"]["PublicUrl"]["Value"] == "https://agents.example.org"
    assert "DomainTarget" in door.body["Outputs"]
    (mapping,) = service.of_type("AWS::ApiGateway::BasePathMapping").values()
    assert "BasePath" not in mapping, "at the root"
    assert not service.of_type("AWS::ApiGatewayV2::Route")
    variables = service.functions()["session_api"]["Environment"]["Variables"]
    assert variables["PUBLIC_URL"] == "https://agents.example.org"


@slow
@synth
def test_alarms_go_to_the_address_of_the_stage(stacks: Mapping[tuple[str, str], Template]) -> None:
    service = stacks["guarded", "service"]
    mail = [
        s for s in service.of_type("AWS::SNS::Subscription").values() if s["Protocol"] == "email"
    ]
    assert [each["Endpoint"] for each in mail] == ["ops@example.org"]
    found = service.of_type("AWS::CloudWatch::Alarm")
    alarms = {name: alarm for name, alarm in found.items() if _is_mailed(name)}
    assert len(alarms) > 10
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [mail[0]["TopicArn"]], name
        assert alarm["AlarmDescription"].endswith("."), name
    # A topic's own policy replaces the default, which lets the account's services publish; without
    # an own statement "… is not authorized to perform: SNS:Publish" stands in the alarm's history
    # and nowhere else (aws-solutions/automated-security-response-on-aws#43).
    policies = service.of_type("AWS::SNS::TopicPolicy").values()
    (policy,) = [each for each in policies if mail[0]["TopicArn"] in each["Topics"]]
    (allowed,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }
    (silent,) = [a for a in alarms.values() if a["TreatMissingData"] == "breaching"]
    assert "reaper" in silent["AlarmDescription"]
    denied = [alarm for alarm in alarms.values() if alarm["MetricName"] == "aws_denied"]
    services = {alarm["Dimensions"][0]["Value"] for alarm in denied}
    assert services == {"relay", "session_api", "dispatcher", "reaper", "notifier", "reconciler"}
    assert {alarm["Threshold"] for alarm in denied} == {0}
    [namespace] = {alarm["Namespace"] for alarm in denied}
    functions = service.of_type("AWS::Lambda::Function").values()
    counted = {f["Environment"]["Variables"].get(_METRICS) for f in functions if "Environment" in f}
    assert counted - {None} == {namespace} == {"AiWebhook/guarded"}
    assert any("stopped runs" in alarm["AlarmDescription"] for alarm in alarms.values())


@slow
@synth
def test_answers_of_the_door_are_watched_as_those_of_the_rest_api(
    stacks: Mapping[tuple[str, str], Template],
) -> None:
    """An HTTP API counts `5xx` by ApiId, a REST API `5XXError` by ApiName (API Gateway guide)."""

    def watched(stage: str) -> set[tuple[str, str]]:
        alarms = stacks[stage, "service"].of_type("AWS::CloudWatch::Alarm").values()
        found = [each for each in alarms if each["Namespace"] == "AWS/ApiGateway"]
        return {(each["MetricName"], each["Dimensions"][0]["Name"]) for each in found}

    assert watched("guarded") == {("5XXError", "ApiName")}, "its domain leads to the REST API alone"
    assert watched("beside") == {("5XXError", "ApiName"), ("5xx", "ApiId")}


_METRICS = "POWERTOOLS_METRICS_NAMESPACE"
_NAMES = ("Name", "Family", "GroupName", "Path", "Id")


def _given_names(template: Template) -> set[tuple[str, str, str]]:
    """Type, property and text of what is named outright, not by CloudFormation."""
    return {
        (resource["Type"], key, value)
        for resource in template.resources.values()
        for key, value in resource.get("Properties", {}).items()
        if isinstance(value, str) and key.endswith(_NAMES)
    }


# Words of AWS's own or within something that has a stack's own id.
_NOT_GLOBAL = {
    ("AWS::ApiGateway::Stage", "StageName"),
    ("AWS::ApiGatewayV2::Stage", "StageName"),
    ("AWS::Lambda::Permission", "FunctionName"),
    ("AWS::CloudWatch::Alarm", "MetricName"),
    ("AWS::RDS::DBInstance", "DBName"),
    ("AWS::RDS::DBParameterGroup", "Family"),
    ("AWS::IAM::Policy", "PolicyName"),  # within a role
}


@slow
@synth
def test_two_stages_in_one_account_share_no_name(
    stacks: Mapping[tuple[str, str], Template],
) -> None:
    of_stage: dict[str, set[tuple[str, str, str]]] = {"guarded": set(), "beside": set()}
    exports: list[str] = []
    for (stage, _), template in stacks.items():
        of_stage[stage] |= _given_names(template)
        outputs = template.body.get("Outputs", {}).values()
        exports += [o["Export"]["Name"] for o in outputs if "Export" in o]
    shared = of_stage["guarded"] & of_stage["beside"]
    assert {each[:2] for each in shared} <= _NOT_GLOBAL, shared
    assert len(exports) == len(set(exports))
