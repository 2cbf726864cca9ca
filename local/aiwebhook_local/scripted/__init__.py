"""The scripted provider: speaks the providers' APIs and plays the scenario that a prompt names.

A fake for tests and demonstrations without a key. It is stateless: the next answer follows from the
conversation in each request, so retries, resumed sessions and parallel runs all work.
"""
