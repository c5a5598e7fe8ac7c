"""How an asset is built, planned and read: specifications, partitions, snapshots, retention."""
