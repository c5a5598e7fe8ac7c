"""How a mixture is cut: the columns of the documents, and the account of the steps."""
