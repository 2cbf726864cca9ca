"""`aiwebhook worker`: claims tasks and has each carried out by a process of its own.

The worker holds no state that matters: what it dies with, the server gives to another one.
"""
