"""The corruption audit: edits of code, and how the scores respond to them."""
