"""The Dagster instance: where it is, what died in it, the service that runs it."""
