"""Write the generated passages of README.md and docs/*.md, or with --check say which are stale.

A passage stands between `<!-- begin generated: NAME -->` and `<!-- end generated: NAME -->`; what is
around it is written by hand and left alone. `make docs` runs this.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_MARKED = re.compile(
    r"(<!-- begin generated: (?P<name>[a-z_]+) -->\n).*?(<!-- end generated: (?P=name) -->)", re.DOTALL
)


def main() -> None:
    """Rewrite the pages, or check them."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--check", action="store_true", help="write nothing; fail if a passage is stale")
    check = asked.parse_args().check
    for name in [name for name in os.environ if name.startswith("GUYOT_")]:
        del os.environ[name]  # the defaults are documented, not this person's settings
    from passages import PASSAGES  # loads the whole graph, which must not see those settings

    changed = [page for page in PAGES if _rewrite(page, PASSAGES, check)]
    names = ", ".join(str(page.relative_to(ROOT)) for page in changed)
    if check and changed:
        sys.exit(f"stale generated passages in {names}; run `make docs`")
    sys.stdout.write(f"{'written: ' + names if changed else 'all passages are up to date'}\n")


def _rewrite(page: Path, passages: dict[str, Callable[[], str]], check: bool) -> bool:
    """Fill a page's passages in; say whether that changed it."""
    before = page.read_text(encoding="utf-8")
    after = _MARKED.sub(lambda m: f"{m[1]}{passages[m['name']]().strip()}\n{m[3]}", before)
    if after != before and not check:
        page.write_text(after, encoding="utf-8")
    return after != before


if __name__ == "__main__":
    main()
