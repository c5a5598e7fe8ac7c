"""The duplicate audit: synthetic copies, and the share of them that is found."""
