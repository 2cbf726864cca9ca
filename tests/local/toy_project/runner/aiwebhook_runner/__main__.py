"""Does what the variable TOY_SCRIPT says, with `time` imported."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import json
import os
import socket
import sys
import time

# What the stack has sealed for us, see aiwebhook.sealed.
with socket.socket(fileno=int(os.environ.pop("AIWEBHOOK_SEALED"))) as given:
    os.environ.update(json.load(given.makefile()))
print("started at", time.time(), flush=True)
os.execv(sys.executable, [sys.executable, "-c", f"import time\n{os.environ['TOY_SCRIPT']}"])
