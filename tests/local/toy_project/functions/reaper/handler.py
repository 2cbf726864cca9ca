"""Records why it was called."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

from toy import VERSION, record


def lambda_handler(event: dict, _context: object) -> dict:
    record(event.get("detail-type", "invoked"), event)
    print("recorded")
    return {"recorded": True, "version": VERSION}
