"""Images as documents: decoded with checks, measured, compared."""
