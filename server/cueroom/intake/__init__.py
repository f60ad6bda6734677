"""Events in: over sockets and over HTTP, each counted once."""
