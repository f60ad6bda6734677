"""What is kept: shows, the house's documents, drafts, backups; the only place that knows Redis."""
