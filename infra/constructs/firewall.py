"""firewall: AWS WAF in front of the REST API. Its rules on bodies only count; they block nothing.

People talk about code and send HTML: AWS's rules on bodies would refuse real webhooks with a 403.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

# Each with the rules in it that only count. Beside those on bodies: loopback addresses in queries
# are what native OAuth clients are redirected to, and simple senders name no user agent.
_MANAGED: Mapping[str, Sequence[str]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": ("JavaDeserializationRCE_BODY", "Log4JRCE_BODY"),
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "EC2MetaDataSSRF_QUERYARGUMENTS",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "GenericRFI_QUERYARGUMENTS",
        "NoUserAgent_HEADER",
        "SizeRestrictions_BODY",
    ),
}


class Firewall(Construct):
    """A regional web ACL: a rate per address, reputation, known bad inputs, the common rules."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage_arn: str, rate_per_address: int
    ) -> None:
        super().__init__(scope, construct_id)
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("Firewall"),
            rules=[
                _rate_rule(rate_per_address),
                *(
                    _managed_rule(name, counted, priority)
                    for priority, (name, counted) in enumerate(_MANAGED.items(), start=1)
                ),
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn
        )


def _rate_rule(rate_per_address: int) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name="RatePerAddress",
        priority=0,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_visible("RatePerAddress"),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=rate_per_address
            )
        ),
    )


def _managed_rule(name: str, counted: Sequence[str], priority: int) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_visible(name),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    wafv2.CfnWebACL.RuleActionOverrideProperty(
                        name=rule,
                        action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={}),
                    )
                    for rule in counted
                ]
                or None,
            )
        ),
    )


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
