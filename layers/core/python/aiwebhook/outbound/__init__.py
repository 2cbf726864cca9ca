"""Adapter to strangers' servers: callbacks leave the house through here and nowhere else."""
