"""When it happens: jobs, requests, the Dagster instance and the command line."""
