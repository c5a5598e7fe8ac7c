"""What assets of the shards are computed from."""
