"""What the audits look at: the mixtures of a snapshot beside one another, and corrupted documents."""
