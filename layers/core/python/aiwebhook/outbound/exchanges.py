"""The exchanges that the function `outbound` makes for those who stand inside the VPC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.ports.deliveries import Callback, CallbackSender
from aiwebhook.ports.exchange import (
    ExchangeKind,
    api_answer,
    api_request_of,
    callback_of,
    document_answer,
    outcome_answer,
)
from aiwebhook.ports.oauth import DocumentReader
from aiwebhook.ports.reconciliation import ApiExchange


class Exchanges:
    """Makes one exchange at a time, through the egress guard of whom it is given."""

    def __init__(
        self, *, sender: CallbackSender, documents: DocumentReader, apis: ApiExchange
    ) -> None:
        self._sender = sender
        self._documents = documents
        self._apis = apis

    def exchange(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """One exchange, and its outcome. Raises LookupError or ValueError for an event that asks
        for none; never for what a stranger does.
        """
        match ExchangeKind(event["kind"]):
            case ExchangeKind.CALLBACK:
                return outcome_answer(self._sent(callback_of(event), float(event["within_s"])))
            case ExchangeKind.DOCUMENT:
                found = self._documents.read(event["url"], limit=int(event["limit"]))
                return document_answer(found)
            case ExchangeKind.API:
                request = api_request_of(event)
                return api_answer(self._apis.exchange(request, limit=int(event["limit"])))

    def _sent(self, callback: Callback, within_s: float) -> SendOutcome:
        try:
            return self._sender.send(callback, within_s=within_s)
        except Exception as exc:  # noqa: BLE001 reason: it counts as an attempt; one that raised would be free, and come again for ever
            detail = f"unexpected {type(exc).__name__}"
            return DeliveryUnanswered(fault=SendFailure.PROTOCOL, detail=detail)
