"""Before any test: whatever this person's Guyot is set to, no test reads it or touches its lake."""

import os

for name in [name for name in os.environ if name.startswith(("GUYOT_", "DAGSTER_"))]:
    del os.environ[name]
