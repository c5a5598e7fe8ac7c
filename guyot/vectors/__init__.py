"""Unit vectors as they are stored, and exact cosines of them."""
