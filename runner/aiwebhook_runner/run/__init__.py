"""One run, launched by ECS or delegated by a worker, from its first call to its exit code."""
