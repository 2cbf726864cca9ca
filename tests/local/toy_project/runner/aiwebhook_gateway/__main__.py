"""Tells every caller its environment, on the port that it was given."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the task only.

import json
import os
import signal
import socket
import sys

# What the stack has sealed for us, see aiwebhook.sealed.
with socket.socket(fileno=int(os.environ.pop("AIWEBHOOK_SEALED"))) as given:
    os.environ.update(json.load(given.makefile()))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with socket.create_server(("127.0.0.1", int(os.environ["AIWEBHOOK_GATEWAY_PORT"]))) as server:
    print("gateway", os.getpid(), flush=True)
    while True:
        caller, _ = server.accept()
        with caller:
            caller.sendall(json.dumps({"pid": os.getpid(), **os.environ}).encode())
