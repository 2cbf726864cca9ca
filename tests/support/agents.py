"""Agents for tests: programs that speak the protocol of kind `command`, for `Tenant.play`."""

_HEAD = """
import json, os, sys, time
given = json.load(sys.stdin)
work = given["input"]
def say(**message):
    print(json.dumps(message), flush=True)
"""

# Works for `input.seconds`; its progress tells its process.
SLOW = (
    _HEAD
    + """
say(type="progress", message=f"pid {os.getpid()}")
time.sleep(work.get("seconds", 60))
say(type="result", output={"slept": work.get("seconds", 60)}, say="I slept.")
"""
)

# Fails while the file `input.until` is missing, with error class `input.error_class`.
FAILING = (
    _HEAD
    + """
if os.path.exists(work["until"]):
    say(type="result", output={"input": work}, say="It went well.")
else:
    say(type="error", error_class=work["error_class"], message="It did not go well.")
    sys.exit(1)
"""
)

# One memory, one artifact, a result: what an agent can leave behind, quickly.
QUICK = (
    _HEAD
    + """
say(type="memory", memory_type="note", key="note-" + given["task_id"], content=given["task_id"])
say(type="artifact", name="note.md", artifact_type="note", format="markdown", content="# Done")
time.sleep(work.get("seconds", 0))
say(type="result", output={"task_id": given["task_id"]}, say="Done.")
"""
)
