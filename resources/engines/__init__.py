"""Where the work of a step runs."""
