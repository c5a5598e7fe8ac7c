"""What the shard registry lists beside the files."""
