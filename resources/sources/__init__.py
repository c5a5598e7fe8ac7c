"""The source files: listed, grouped into shards, read."""
