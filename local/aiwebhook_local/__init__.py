"""The whole service on one machine: embedded Postgres, AWS emulator, Fargate as processes."""
