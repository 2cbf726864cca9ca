"""Accounting of what GitHub delivered: each once, byte for byte, with one event."""

from __future__ import annotations

import json

from tests.kill.findings import Findings
from tests.kill.ledger import Ledger
from tests.support.tenant import Tenant


def check_deliveries(tenant: Tenant, ledger: Ledger, findings: Findings) -> None:
    """Of the project that GitHub delivers to."""
    kept = {
        row["delivery_id"]: row
        for row in tenant.sql(
            "SELECT d.delivery_id, d.guid, d.conflict, d.body,"
            " (SELECT count(*) FROM events e WHERE e.project_id = d.project_id"
            "  AND e.type = 'delivery.received' AND e.data ->> 'delivery_id' = d.delivery_id)"
            "  AS events"
            " FROM inbound_deliveries d WHERE d.project_id = %(project_id)s"
        )
    }
    acknowledged = ledger.acknowledged("delivery")
    findings.account(
        "delivery",
        there=[json.loads(bytes(row["body"]))["marker"] for row in kept.values()],
        acknowledged={write.marker for write in acknowledged},
        asked=ledger.asked("delivery"),
    )
    for delivery_id, row in kept.items():
        if row["events"] == 0:
            findings.lost.append(f"event of delivery {delivery_id}")
        elif row["events"] > 1:
            findings.duplicated.append(f"{row['events']} events of delivery {delivery_id}")
    for write in acknowledged:
        assert write.told is not None
        row = kept.get(write.told["delivery_id"])
        if row is None or (row["guid"], row["conflict"]) != (
            write.data["guid"],
            write.data["conflict"],
        ):
            findings.lost.append(f"delivery {write.marker} was told as {write.told}: {row}")
