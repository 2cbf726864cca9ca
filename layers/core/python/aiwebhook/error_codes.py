# reason: one table, a row per code
"""Every error code: its HTTP status, what it means, what to do. Nothing else says any of these.

The functions, API Gateway's own answers (infra), the local stack's front, docs/errors.md and
OpenAPI read it. `tests/house/test_error_codes.py` holds it equal to what the sources raise.
Where an error is raised, a remedy may be given that knows more of the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

TYPE_BASE = "https://aiwebhook.dev/errors/"
"""`type` of a problem is this and its code."""
MEDIA_TYPE = "application/problem+json"

_Rows = Mapping[str, tuple[str, str]]

_TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid request",
    429: "Rate limit reached",
    431: "Headers too large",
    500: "Internal error",
    503: "Temporarily unavailable",
    504: "No answer in time",
}
_OWN_TITLES = {"not_json": "Not a JSON object", "lease_lost": "Lease lost"}

_SEND_KEY = "Send a valid API key as 'Authorization: Bearer <key>' or 'X-API-Key: <key>'."
_SOON = "Try again in a few seconds; nothing was stored."
_FIELDS = "Correct the fields named in errors."

_API: Mapping[int, _Rows] = {
    400: {
        "bad_request": (
            "API Gateway could not read the request.",
            "Correct the request as the detail says.",
        ),
        "not_json": ("The body is not a JSON object.", "Send one JSON object, UTF-8 encoded."),
    },
    401: {
        "bad_lease_token": (
            "The lease token is missing or malformed, or its lease has ended.",
            "Stop this run: only the run that holds the task's current lease may report.",
        ),
        "key_expired": ("The API key has expired.", _SEND_KEY),
        "key_malformed": ("What was sent is not an API key.", _SEND_KEY),
        "key_missing": ("The request carries no API key.", _SEND_KEY),
        "key_revoked": ("The API key was revoked.", _SEND_KEY),
        "key_unknown": ("There is no such API key.", _SEND_KEY),
        "token_expired": (
            "The access token has expired, or its connection was ended.",
            "Refresh it, or connect again.",
        ),
        "token_for_another_resource": (
            "The access token was issued for another URL.",
            "Use it at the URL it was issued for; elsewhere, send an API key.",
        ),
        "unauthorized": ("The request carries no valid credentials.", _SEND_KEY),
    },
    403: {
        "address_not_allowed": (
            "Requests from this address are refused.",
            "Call from an address of the key's list, or have the list changed.",
        ),
        "bad_bootstrap_code": (
            "The bootstrap code of a run is wrong, or was used before.",
            "Stop this run: the code is valid once, for one run.",
        ),
        "forbidden": ("The caller may not do this.", "Use a key with the needed scope."),
        "lease_of_another_task": (
            "The lease token belongs to another task.",
            "Stop this run: a lease token is valid for one task only.",
        ),
        "default_project_only": (
            "Only a key of the project 'default' may do this.",
            "Use an admin key of the project 'default'.",
        ),
        "scope_missing": (
            "The API key lacks the scope that the operation needs.",
            "Use a key with the scope that the detail names.",
        ),
        "signature_invalid": (
            "The signature does not match the shared secret.",
            "Set the same secret in the repository's webhook settings and here.",
        ),
    },
    404: {
        "agent_not_found": ("There is no such agent.", "Find its name with GET /v1/agents."),
        "artifact_not_found": ("There is no such artifact.", "Find the id with list_artifacts."),
        "body_gone": (
            "The bytes of a delivery are no longer kept, or were too large to be stored.",
            "Ask its sender to send it again; GET /v1/retention says how long bytes are kept.",
        ),
        "channel_not_found": (
            "There is no such channel.",
            "Claim it first; GET /v1/channels lists those there are.",
        ),
        "connection_not_found": (
            "There is no such connection.",
            "Find its id in GET /v1/connections, or with 'aiwebhook connections list'.",
        ),
        "delivery_not_found": ("There is no such callback.", "Find its id in GET /v1/deliveries."),
        "dependency_not_found": (
            "A task of depends_on does not exist.",
            "Delegate that task first, or leave it out of depends_on.",
        ),
        "endpoint_not_found": ("There is no such endpoint.", "Find its id in GET /v1/endpoints."),
        "inbound_not_found": (
            "No such delivery came in.",
            "Find its id in GET /v1/inbound, or with 'aiwebhook deliveries list'.",
        ),
        "key_not_found": ("There is no such live API key.", "Find its id in GET /v1/keys."),
        "memory_not_found": (
            "There is no such memory.",
            "Find the key with query_memories or list_memories.",
        ),
        "not_found": ("It does not exist.", "Check the id; list what exists first."),
        "person_not_found": (
            "There is no such person.",
            "Find the id with GET /v1/people, or 'aiwebhook people list'.",
        ),
        "project_not_found": (
            "There is no such project.",
            "Check the project's id.",
        ),
        "repository_not_known": (
            "No earlier task worked on a repository of this name.",
            "Send owner/name or a URL.",
        ),
        "route_not_found": (
            "Nothing answers to this path and method.",
            "GET /openapi.json lists every path; /docs shows them.",
        ),
        "session_not_found": (
            "There is no such session.",
            "Create it with create_session, or find its id with list_sessions.",
        ),
        "reconciliation_not_found": (
            "Nothing checks GitHub for this source.",
            "Set it up with 'aiwebhook sources hook'.",
        ),
        "rule_not_found": (
            "There is no such rule.",
            "Find its id in GET /v1/rules, or with 'aiwebhook rules list'.",
        ),
        "source_not_found": (
            "There is no such source of webhooks.",
            "Find its address in GET /v1/sources, or with 'aiwebhook sources list'.",
        ),
        "subscription_not_found": (
            "There is no such subscription.",
            "Find its id in GET /v1/subscriptions, or with 'aiwebhook subscriptions list'.",
        ),
        "task_not_found": ("There is no such task.", "Find the id with list_tasks."),
    },
    405: {
        "method_not_allowed": (
            "The path does not support this method.",
            "Use one of the methods of the Allow header.",
        ),
    },
    409: {
        "agent_reads_no_messages": (
            "The agent of this task reads no messages while it works.",
            "Delegate a new task that carries the message; cancel_task ends this one.",
        ),
        "already_exists": (
            "Another write is using the same id.",
            "Read the current state, then decide.",
        ),
        "artifact_exists": (
            "The artifact exists with different content.",
            "Send it under another artifact_id, or leave artifact_id out.",
        ),
        "changed_meanwhile": (
            "Another write changed it at the same time.",
            "Send the same command again.",
        ),
        "channel_taken": (
            "Another client holds the channel.",
            "Claim it again when its lease has ended, or listen on a channel of another name.",
        ),
        "chunk_exists": (
            "The chunk exists with different content.",
            "Send it under another chunk_id, or leave chunk_id out.",
        ),
        "conflict": (
            "The current state does not allow this.",
            "Read the current state, then decide.",
        ),
        "delivery_under_way": ("The callback is being sent.", "Try again in half a minute."),
        "dependency_failed": (
            "A task of depends_on has failed or was cancelled.",
            "Retry that task first (retry_task), or leave it out of depends_on.",
        ),
        "endpoint_disabled": (
            "The endpoint is disabled.",
            "Enable it first: PATCH it with status active.",
        ),
        "idempotency_in_flight": (
            "A request with the same idempotency key is still under way.",
            "Wait a moment, then send the same request with the same key again.",
        ),
        "lease_lost": (
            "The run no longer holds its task.",
            "Stop the run at once; another attempt owns the task, or it has ended.",
        ),
        "messages_waiting": (
            "The run has not read all messages yet.",
            "Read the messages and handle them first.",
        ),
        "person_exists": (
            "A person of this project has that name.",
            "Choose another name, or reset that person's sign-in code.",
        ),
        "project_exists": (
            "There is a project of this id.",
            "Choose another id; GET /v1/projects lists those there are.",
        ),
        "rotation_under_way": (
            "A rotation is under way: two secrets are valid.",
            "Rotate again when the old one has expired; if it leaked, delete the endpoint.",
        ),
        "session_completed": (
            "The session is completed and accepts nothing new.",
            "Send resume_session first, then repeat this command.",
        ),
        "session_exists": (
            "The session exists with different fields.",
            "Go on with it as it is, or choose another session_id.",
        ),
        "needs_postgres": (
            "A folder of sessions has no queue, no agents, no keys and no endpoints.",
            "Use a deployment, or 'aiwebhook local up'; 'aiwebhook migrate' brings sessions there.",
        ),
        "session_needed": (
            "Tasks of other sessions wait for tasks of this one.",
            "Let those tasks finish, or cancel them, then delete the session.",
        ),
        "source_exists": (
            "The id of a source is in use in this deployment.",
            "Choose another source_id, or leave source_id out.",
        ),
        "task_ended": ("The task has ended already.", "get_task shows the result."),
        "task_exists": (
            "The task id is in use for different work.",
            "Choose another task_id, or leave task_id out.",
        ),
        "task_not_ended": (
            "Only a failed or cancelled task can be retried.",
            "Wait for it or cancel it; delegate a new task if it has completed.",
        ),
        "too_many_rules": (
            "The project has reached its limit of rules.",
            "Delete a rule that is no longer needed, or let one rule do the work of two.",
        ),
    },
    413: {
        "answer_too_large": (
            "The response would exceed 6 MB.",
            "Ask for less at once: a smaller limit, or fewer commands in the batch.",
        ),
        "body_too_large": (
            "The body is larger than 4.5 MiB.",
            (
                "Send less at once: a conversation in chunks (append_conversation), an artifact in "
                "several parts, each body below 4.5 MiB (base64 makes bytes a third larger). An "
                "agent's run uploads artifacts of up to 5 GiB."
            ),
        ),
    },
    415: {
        "unsupported_media_type": (
            "The body is not JSON in UTF-8, or is compressed.",
            "Send application/json.",
        ),
    },
    422: {
        "ack_beyond_end": (
            "The acknowledged cursor is beyond the last event.",
            "Acknowledge the cursor of a reply about this session.",
        ),
        "ack_not_possible": ("ack does not fit this request.", _FIELDS),
        "callback_url_refused": (
            "Callbacks are not sent to this address.",
            "Give an https URL of a public host.",
        ),
        "deadline_past": (
            "The deadline has passed.",
            "Send a deadline in the future, or leave it out.",
        ),
        "duplicate_field": ("An object has the same field twice.", "Send each field once."),
        "idempotency_key_reused": (
            "The idempotency key was used for another request.",
            "Use a new key for a new request.",
        ),
        "input_invalid": (
            "input_data does not fit the agent's schema.",
            "See the agent's input_schema (GET /v1/agents).",
        ),
        "invalid": ("A field breaks a rule.", _FIELDS),
        "nested_batch": (
            "A batch must not contain a batch.",
            "Send the inner commands as items of one batch.",
        ),
        "repository_not_possible": (
            "The agent takes no repository, or not this one.",
            "Leave repo out, or choose an agent that writes code (GET /v1/agents).",
        ),
        "session_id_required": (
            "The command needs a session_id.",
            "Send the session_id of the session it applies to.",
        ),
        "time_zone_required": (
            "A time has no zone, and the session has no time_zone.",
            "Send the time with its zone, or give the session a time_zone when you create it.",
        ),
        "too_deep": (
            "The body is nested too deep.",
            "Send at most as many levels of objects and arrays as the detail says.",
        ),
        "unknown_command": ("There is no such command.", "Use a command of GET /openapi.json."),
        "unknown_type": ("There is no such type of message.", _FIELDS),
        "name_ambiguous": (
            "The given name fits more than one thing.",
            "Send the id of the one you mean; the detail lists them.",
        ),
        "update_not_found": (
            "An id to acknowledge is not one of the session's updates.",
            "Send ids from updates or elsewhere; get_updates lists them.",
        ),
    },
    429: {
        "rate_limited": (
            "The key's rate limit is reached, or there are too many requests at once.",
            "Wait as long as Retry-After says.",
        ),
    },
    500: {
        "internal": (
            "An internal error; never caused by bad input.",
            "Try again; if the error persists, report the request_id.",
        ),
        "misconfigured": (
            "AWS denies the deployment something that it needs.",
            "Trying again does not help: whoever runs the deployment must check its log.",
        ),
    },
    503: {
        "aws_no_answer": (
            "AWS does not answer.",
            "Check the network and the Region, then run the command again.",
        ),
        "aws_refused": ("An AWS service refused a call.", _SOON),
        "aws_throttled": ("An AWS service is throttling calls.", _SOON),
        "aws_unavailable": ("An AWS service does not answer.", _SOON),
        "database_not_ready": (
            "The database is new or was restored, and has not been migrated yet.",
            "Try again in a minute. If the error persists: 'aiwebhook cloud migrate'.",
        ),
        "database_slow": ("The database did not answer in time.", _SOON),
        "database_unavailable": (
            "The database does not answer.",
            (
                "Try again in a few seconds. If the error persists, check that PostgreSQL is "
                "running and that this host and port are right ('aiwebhook doctor')."
            ),
        ),
        "key_busy": ("Too many requests with this key at once.", _SOON),
        "migrations_pending": (
            "The database schema is out of date.",
            "Run 'python -m aiwebhook.postgres.migrate', or deploy again.",
        ),
        "folder_unavailable": (
            "The folder of sessions cannot be read or written: its disk is full, for example.",
            "Fix what the detail names, then send the request again. What was stored stays intact.",
        ),
        "not_settled": ("The write could not be completed.", _SOON),
        "session_busy": ("The session is busy with a long write.", _SOON),
        "unavailable": ("A part of the service is temporarily unavailable.", _SOON),
    },
    504: {
        "timeout": (
            "The function did not answer within API Gateway's 29 seconds.",
            "Try again in a few seconds, with the same Idempotency-Key.",
        ),
    },
}

_LOCAL: Mapping[int, _Rows] = {
    403: {
        "foreign_host": (
            "The Host header names a different host (DNS rebinding).",
            "Use the address that 'aiwebhook local status' shows.",
        ),
        "foreign_origin": (
            "A web page of another origin made the request.",
            "Call from a program, or from a page that the stack itself serves.",
        ),
    },
    431: {
        "headers_too_large": (
            "The headers are larger than the 10,240 bytes that API Gateway takes.",
            "Send fewer or shorter headers.",
        ),
    },
}

_PROGRAMS: _Rows = {
    "agent_unknown": (
        "The deployment has no agent of this name.",
        "'aiwebhook agent list' shows the deployment's agents.",
    ),
    "aws_denied": (
        "The AWS credentials do not allow an action.",
        "Use credentials that may deploy; the sentence names the action that was refused.",
    ),
    "aws_settings": (
        "The AWS settings on this machine are invalid.",
        "Correct the AWS_… variables, ~/.aws/config and ~/.aws/credentials.",
    ),
    "build_failed": (
        "AWS CodeBuild could not build the images.",
        "Read the end of its log above, then run 'aiwebhook cloud images' again.",
    ),
    "builds_not_allowed": (
        "AWS does not let the account run builds.",
        "Build here ('aiwebhook cloud images --engine docker'), or ask AWS to allow builds.",
    ),
    "cloud_function": (
        "A function of the deployment failed.",
        "Read its log group in CloudWatch; 'aiwebhook cloud status' shows the stacks.",
    ),
    "cloud_stage": (
        "The stage is not deployed.",
        "'aiwebhook cloud deploy --stage NAME' deploys it; --region says where to look.",
    ),
    "data_replaced": (
        "A deployment would delete the stage's data and start with other data.",
        "Set the stage's settings as they were deployed (docs/deploy.md), or describe a new stage.",
    ),
    "database_from": (
        "A stage cannot start with that database.",
        "docs/deploy.md says what it takes (From a backup, or from an earlier deployment).",
    ),
    "secret_in_use": (
        "Another stage uses what would be deleted.",
        "Remove that stage first, or name a copy of the secret in its app_secret_arn.",
    ),
    "stack_foreign": (
        "A stack of the same name exists, and AI Webhook did not make it.",
        "Choose another --stage or --region: stages are described in stages.toml.",
    ),
    "stack_stuck": (
        "A stack is in a state that no deployment can recover from.",
        "Look at its events in CloudFormation.",
    ),
    "command_failed": (
        "A program that the command started has failed.",
        "Read its output above, then run the command again: it resumes where it stopped.",
    ),
    "credentials_expired": (
        "The AWS credentials have expired.",
        "Sign in again: 'aws sso login', or set new ones.",
    ),
    "credentials_unknown": (
        "AWS does not know the credentials.",
        "Check AWS_ACCESS_KEY_ID, AWS_PROFILE and that the account has enabled the Region.",
    ),
    "artifact_name": (
        "The artifact's name cannot be used as a file name.",
        "Name the file: 'aiwebhook artifact download ARTIFACT_ID FILE'.",
    ),
    "file": (
        "A file could not be read or written.",
        "Check the path, and that you may read and write there.",
    ),
    "interrupted": ("Ctrl-C. Tasks that are under way continue.", ""),
    "key_form": (
        "A provider's key does not look like one.",
        "Give the key itself, in one word; '-' removes it.",
    ),
    "local_stack": (
        "The local stack did not start or stop.",
        "Run 'aiwebhook doctor', or 'aiwebhook local logs' to see what the stack logged.",
    ),
    "engine": (
        "The Region does not offer the database's version or instance class.",
        "Choose another Region, database_instance or database_major (stages.toml).",
    ),
    "stage_settings": (
        "A stage's settings are invalid.",
        "Correct stages.toml beside cdk.json, then run the command again (docs/deploy.md).",
    ),
    "image_missing": (
        "The repository holds no such images.",
        "'aiwebhook cloud images' without --use builds those of this clone.",
    ),
    "no_clone": (
        "The command needs a clone of the project.",
        "Change into the clone, then run it again.",
    ),
    "no_credentials": (
        "There are no AWS credentials.",
        "Sign in with 'aws sso login' or set AWS_PROFILE; 'aws configure' makes a profile.",
    ),
    "no_key": (
        "No API key is named.",
        "Set AIWEBHOOK_API_KEY (or --key, or a profile); 'aiwebhook keys create' makes one.",
    ),
    "no_engine": (
        "The program that builds images is not on this machine.",
        "Install docker, podman or finch, or leave --engine out to build with AWS CodeBuild.",
    ),
    "no_region": (
        "No AWS Region is set.",
        "Give --region, or set AWS_REGION: us-east-1, for instance.",
    ),
    "no_terminal": (
        "The command needs an answer, and there is no terminal to give it in.",
        "Run it in a terminal, or confirm beforehand with --yes.",
    ),
    "no_target": (
        "No deployment is named, and no local stack runs.",
        "Start one with 'aiwebhook local up', or set AIWEBHOOK_URL (or --url, or --profile).",
    ),
    "not_installed": (
        "The local stack needs a package that is not installed.",
        "Run it from a clone of the project: 'make up' or 'make demo'.",
    ),
    "not_text": (
        "The artifact is not text.",
        "Write it to a file: add '> FILE' to the command.",
    ),
    "output": (
        "The output could not be written.",
        "Write it elsewhere, or free some disk space.",
    ),
    "profile_damaged": (
        "The file of profiles cannot be read.",
        "Fix it, or remove it and add the profiles again: 'aiwebhook profile add'.",
    ),
    "profile_name": (
        "The profile's name is invalid.",
        "Use lower-case letters, digits, '.', '_' and '-', at most 64.",
    ),
    "profile_readable": (
        "Others may read the file of profiles, which holds keys.",
        "Make it readable for yourself only: chmod 600.",
    ),
    "profile_unknown": (
        "There is no profile of this name.",
        "'aiwebhook profile list' shows them.",
    ),
    "port_taken": (
        "The port of the worker's health page is taken.",
        "Choose another --health-port, or leave it out.",
    ),
    "program_missing": (
        "An agent's command-line tool is not on this machine.",
        "Install it, or leave that agent to another worker.",
    ),
    "provider_key_missing": (
        "The key of an agent's model provider is not set.",
        "Set the variable that the detail names.",
    ),
    "unreachable": (
        "The deployment does not answer.",
        "Check the URL, and that the service runs (on this machine: 'aiwebhook local up').",
    ),
    "usage": ("The command line is wrong.", "'aiwebhook --help' shows how it is used."),
    "wait_timeout": (
        "It did not end within the time to wait.",
        "It keeps running; check again later.",
    ),
    "worker_already_runs": (
        "A worker of this name is already running here.",
        "Stop that one, or give this one another name with --name.",
    ),
    "worker_config_invalid": (
        "The worker's configuration breaks a rule.",
        "Correct the file; docs/worker.md shows every key.",
    ),
    "worker_refused": (
        "The deployment refused this worker.",
        "Use the deployment's address and a key with the scope worker ('aiwebhook keys').",
    ),
}

_LOGS: _Rows = {
    "collision": ("A deadlock: one transaction was rolled back and is tried again.", ""),
    "configuration": (
        "A process is misconfigured and does not start.",
        "Set the named variables; the template in infra/ supplies all of them.",
    ),
    "idempotency_key_taken": ("The key already has a stored outcome, which is replayed.", ""),
    "lease_run_out": ("A run pauses its writes until its lease is confirmed.", ""),
    "manifest_invalid": (
        "An agent's manifest breaks a rule.",
        "Correct the manifest; examples are in agents/.",
    ),
    "message_refused": ("SNS or SQS rejects this message, but accepts others.", ""),
}


class Where(StrEnum):
    """Who meets a code: callers of the API, of the local front, the CLI, or readers of logs."""

    API = "The API"
    LOCAL = "The local stack's front"
    PROGRAMS = "The CLI and the worker"
    LOGS = "Logs only"


class ErrorCode(NamedTuple):
    """One row. `status` is None for what is never answered over HTTP."""

    code: str
    status: int | None
    title: str
    meaning: str
    remedy: str
    where: Where


def _entries(where: Where, status: int | None, rows: _Rows) -> dict[str, ErrorCode]:
    title = _TITLES.get(status or 0, "")
    return {
        code: ErrorCode(code, status, _OWN_TITLES.get(code, title), meaning, remedy, where)
        for code, (meaning, remedy) in rows.items()
    }


CODES: Mapping[str, ErrorCode] = {
    code: entry
    for where, by_status in (
        (Where.API, _API),
        (Where.LOCAL, _LOCAL),
        (Where.PROGRAMS, {None: _PROGRAMS}),
        (Where.LOGS, {None: _LOGS}),
    )
    for status, rows in by_status.items()
    for code, entry in _entries(where, status, rows).items()
}
"""By code, in the order of docs/errors.md."""
