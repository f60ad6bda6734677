"""Processes: workers, their connections, draining, the embedded store."""
