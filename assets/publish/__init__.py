"""Assets that people read: the catalogue and the report."""
