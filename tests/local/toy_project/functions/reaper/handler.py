"""Records why it was called."""

from toy import record


def lambda_handler(event: dict, _context: object) -> dict:
    record(event.get("detail-type", "invoked"), event)
    print("recorded")
    return {"recorded": True}
