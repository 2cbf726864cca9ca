"""Wires outbound: the egress guard's adapters, and nothing else."""

from __future__ import annotations

from aiwebhook import observability
from aiwebhook.outbound.api_exchange import HttpApiExchange
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.outbound.document_reader import HttpDocumentReader
from aiwebhook.outbound.exchanges import Exchanges
from aiwebhook.outbound.guarded_network import system_authorities
from aiwebhook.ports.deliveries import CallbackSender
from aiwebhook.settings.outbound import OutboundSettings


def wire_sender(settings: OutboundSettings) -> CallbackSender:
    """Callbacks alone, sent by this process."""
    return HttpCallbackSender(
        allow_loopback=settings.allow_loopback_callbacks, tls=system_authorities()
    )


def wire_outbound(settings: OutboundSettings) -> Exchanges:
    observability.configure(
        service=settings.service, level=settings.log_level, namespace=settings.metrics_namespace
    )
    loopback = settings.allow_loopback_callbacks
    tls = system_authorities()  # now: while it starts, a function has a whole processor
    return Exchanges(
        sender=HttpCallbackSender(allow_loopback=loopback, tls=tls),
        documents=HttpDocumentReader(allow_loopback=loopback, tls=tls),
        apis=HttpApiExchange(allow_loopback=loopback, tls=tls),
    )
