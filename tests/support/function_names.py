"""The functions that are deployed."""

EVERY_FUNCTION = (
    "relay",
    "session_api",
    "dispatcher",
    "reaper",
    "notifier",
    "outbound",
    "reconciler",
    "migrate",
)
