"""What is compared with what: a file per comparison, and the modules that judge what was found."""
