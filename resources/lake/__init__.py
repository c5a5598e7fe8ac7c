"""The lake: versions of tables, their manifests, and how they are written and read."""
