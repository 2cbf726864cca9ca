"""`aiwebhook worker`: claims tasks and runs each in a process of its own.

The worker holds no important state: if it dies, the server gives its tasks to another one.
"""
