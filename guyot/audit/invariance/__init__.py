"""How far vectors move when documents are transformed in ways that change little or nothing of them."""
