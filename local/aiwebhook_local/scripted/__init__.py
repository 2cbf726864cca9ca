"""The scripted provider: speaks the providers' dialects and plays what a prompt asks for.

A fake for tests and demonstrations without a key. It is stateless: what comes next follows from the
conversation that each request carries, so retries, resumed sessions and parallel runs all behave.
"""
