"""How recipes are compared by their evaluated runs."""
