"""Charts, from small aggregates."""
