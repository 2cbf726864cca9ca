"""Does what the variable TOY_SCRIPT says, with `time` imported."""

# pyright: basic, reportMissingImports=false
# A stand-in for product code, deployed as it is; its imports exist in the function only.

import os
import sys
import time

print("started at", time.time(), flush=True)
os.execv(sys.executable, [sys.executable, "-c", f"import time\n{os.environ['TOY_SCRIPT']}"])
