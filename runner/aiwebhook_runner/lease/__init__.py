"""The connection to the deployment: the Runs API, the lease, events, and the
one terminal report.
"""
