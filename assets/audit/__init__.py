"""Assets that test what the scores and the recipes do."""
