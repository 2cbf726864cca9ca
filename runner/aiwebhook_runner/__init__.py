"""The runner: supervises one agent run. It uses only the Runs API: no database,
no AWS permissions.
"""
