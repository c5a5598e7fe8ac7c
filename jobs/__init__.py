"""When it happens: jobs, the plan of what is stale, and the command line."""
