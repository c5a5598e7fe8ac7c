"""What is computed from a document's text: signals, shingles, MinHash signatures and their bands."""
