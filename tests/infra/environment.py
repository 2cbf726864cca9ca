"""The environment of each function: the one place where tests repeat the names.

Used for a function until its settings.py exists; from then on its settings model is the truth.
"""

from __future__ import annotations

_EVERY = {
    "DATABASE_SECRET_ARN",
    "LOG_LEVEL",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
}

ENVIRONMENT: dict[str, frozenset[str]] = {
    name: frozenset(_EVERY | own)
    for name, own in {
        "relay": {
            "GITHUB_SECRET_ARN",
            "AGENT_QUEUES",
            "EVENTS_TOPIC_ARN",
            "ARTIFACT_BUCKET",
            "ALLOW_LOOPBACK_CALLBACKS",
        },
        "session_api": {
            "APP_SECRET_ARN",
            "AGENT_QUEUES",
            "EVENTS_TOPIC_ARN",
            "NOTIFIER_QUEUE_URL",
            "ARTIFACT_BUCKET",
            "ALLOW_LOOPBACK_CALLBACKS",
        },
        "dispatcher": {
            "APP_SECRET_ARN",
            "AGENT_QUEUES",
            "EVENTS_TOPIC_ARN",
            "CLUSTER_ARN",
            "TASK_DEFINITIONS",
            "SUBNET_IDS",
            "SECURITY_GROUP_ID",
            "API_URL",
            "LAUNCH_TIMEOUT_S",
        },
        "reaper": {"AGENT_QUEUES", "EVENTS_TOPIC_ARN", "NOTIFIER_QUEUE_URL"},
        "notifier": {
            "APP_SECRET_ARN",
            "NOTIFIER_QUEUE_URL",
            "CALLBACK_SHARE",
            "ALLOW_LOOPBACK_CALLBACKS",
        },
        "migrate": set[str](),
    }.items()
}
