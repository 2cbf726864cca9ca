"""A worker from its options to its exit code."""

import platform
import socket
from dataclasses import replace
from importlib import metadata

from aiwebhook.client import Client, TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.errors import AiWebhookError, Forbidden
from aiwebhook.sealed import close_to_others
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.process.hardening import harden_supervisor
from aiwebhook_runner.worker.claims import refusal_sentence
from aiwebhook_runner.worker.health import HealthServer
from aiwebhook_runner.worker.link import Link
from aiwebhook_runner.worker.local.config import WorkerConfigInvalid, load_rules
from aiwebhook_runner.worker.options import WorkerOptions
from aiwebhook_runner.worker.place import taken
from aiwebhook_runner.worker.programs import (
    programs_found,
    require_keys,
    require_programs,
    resolve_agents,
)
from aiwebhook_runner.worker.settings import forget_key, is_set, search_path, state_folder
from aiwebhook_runner.worker.work import Worker
from aiwebhook_runner.worker.worker_log import JsonWorkerLog, PlainWorkerLog, WorkerLog

LOCAL = "local"
CLAIM_GRACE_S = 10.0
"""Seconds beyond the time that the server may hold a claim."""


class WorkerRefused(AiWebhookError):
    """The deployment refuses this worker; the message is the deployment's own."""

    code = "worker_refused"


def run_worker(asked: WorkerOptions) -> None:
    """Work until told to stop. Raises an error of the tree when it cannot start, or is refused."""
    close_to_others()  # again below, with everything else: from here on it knows the keys
    load_rules(asked.config)
    with taken(state_folder(), url=asked.url, name=asked.name):
        _work(asked)


def _work(asked: WorkerOptions) -> None:
    log: WorkerLog = JsonWorkerLog(asked.name) if asked.json else PlainWorkerLog()
    link = Link(asked.url, log)
    with _client(asked) as client:
        options, registration = _ready(asked, client, link, log)
        forget_key()
        harden_supervisor()
        worker = Worker(options, client=client, link=link, log=log, registration=registration)
        worker.listen_to_signals()
        health = HealthServer(options.health_port, worker.look)
        health.start()
        agents = ", ".join(f"{agent} ({n})" for agent, n in options.concurrency.items())
        log.write(
            "waiting",
            f"worker {options.name} waits for {agents}; health: {health.url}",
            health=health.url,
            concurrency=dict(options.concurrency),
        )
        refusal = worker.run(lambda: _reload(options, log))
        health.close()
        log.write("stopped", "stopped")
    if refusal is not None:
        raise WorkerRefused(refusal)


def _client(asked: WorkerOptions) -> Client:
    """A client that tries once: claims, heartbeats and the retries of a lease decide when
    to try again.
    """
    options = TransportOptions(
        retry=NO_RETRY, timeout_s=CLAIM_GRACE_S, user_agent="aiwebhook-worker"
    )
    return Client(asked.url, api_key=asked.key, options=options)


def _ready(
    asked: WorkerOptions, client: Client, link: Link, log: WorkerLog
) -> tuple[WorkerOptions, JsonObject]:
    """The options with resolved names, and the details that the worker reports."""
    try:
        client.heartbeat_runs(asked.name, [])  # refused when the key or its scope is wrong
        link.answered()
        known_agents = _agents(client)
    except AiWebhookError as exc:
        if not exc.retryable:
            raise WorkerRefused(refusal_sentence(exc)) from exc
        # It may be back in an hour; then we are here. The claims keep trying.
        link.failed(refusal_sentence(exc))
        known_agents = None
    served = resolve_agents(asked.agents, known_agents)
    found = programs_found(search_path())
    require_programs(served, found)
    if not is_set("AIWEBHOOK_GATEWAY_URL"):  # a gateway beside us has keys of its own
        require_keys(served, is_set)
    if LOCAL in served and not load_rules(asked.config).rules:
        log.write("nothing_allowed", "local allows nothing: no rule in its configuration")
    options = replace(asked, concurrency=dict(zip(served, asked.concurrency.values(), strict=True)))
    return options, {
        "version": _version(),
        "host": socket.gethostname(),
        "platform": platform.platform(terse=True),
        "python": platform.python_version(),
        "concurrency": dict(options.concurrency),
        "programs": dict(found),
    }


def _agents(client: Client) -> dict[str, JsonObject] | None:
    """The deployment's agents by name; None when the key may not read them."""
    try:
        found = client.agents()
    except Forbidden:
        return None
    return {str(agent["agent_name"]): agent for agent in found}


def _reload(options: WorkerOptions, log: WorkerLog) -> None:
    """Each action reads the configuration again; SIGHUP reports whether it is valid."""
    try:
        rules = load_rules(options.config)
    except WorkerConfigInvalid as exc:
        log.write("config_invalid", f"{exc.detail}; local refuses everything until it is fixed")
        return
    sentence = f"configuration read: {len(rules.rules)} rules of local"
    log.write("config_read", sentence, rules=len(rules.rules))


def _version() -> str:
    try:
        return metadata.version("aiwebhook")
    except metadata.PackageNotFoundError:
        return "unknown"
