"""`aiwebhook local demo`: the main job on real input, told as it happens."""
