"""What results say in a sentence each: where Guyot is ahead, where it is behind, and what failed."""

from benchmarks.measuring.results import ComparisonResults, Results, Row, rows

_SAME = 0.05  # of core-seconds: nearer than this, neither is called faster
_SAME_RECALL = 0.001


def in_short(results: Results) -> list[str]:
    """Return a line of a table for each comparison: Guyot and the fastest other tool."""
    lines = []
    for comparison in results.comparisons:
        first, others = _sides(comparison)
        own = "failed" if first.core_seconds is None else f"{first.core_seconds:.2f}"
        if not others or first.core_seconds is None:
            lines.append(f"| {comparison.title} | {own} | none was measured | | |")
            continue
        other = min(others, key=lambda row: row.core_seconds)
        recall = [f"{row.score['recall']:.4f}" for row in (first, other) if "recall" in row.score]
        lines.append(
            f"| {comparison.title} | {own} | {other.way.name} | {other.ratio:.2f} | {', '.join(recall)} |"
        )
    return lines


def ahead(results: Results) -> list[str]:
    """Say of which tools Guyot takes fewer core-seconds, at no less recall."""
    found = []
    for comparison in results.comparisons:
        first, others = _sides(comparison)
        told = [
            f"{row.ratio:.1f} times as many as Guyot by {row.way.name}"
            for row in others
            if row.ratio is not None and row.ratio > 1 + _SAME and not _lost(first, row)
        ]
        if told:
            found.append(f"{comparison.title}: {', '.join(told)}.")
    return found


def behind(results: Results) -> list[str]:
    """Say which tools take fewer core-seconds than Guyot or find more, and where they are even."""
    found = []
    for comparison in results.comparisons:
        first, others = _sides(comparison)
        for row in others:
            lost, saved = _lost(first, row), row.ratio is not None and row.ratio < 1 - _SAME
            even = row.ratio is not None and abs(row.ratio - 1) <= _SAME
            told = []
            if saved:
                told.append(f"{row.way.name} takes {row.ratio:.2f} of Guyot's core-seconds")
            if even:
                told.append(f"{row.way.name} takes as many core-seconds as Guyot, within {_SAME:.0%}")
            if lost:
                told.append(
                    f"{row.way.name} has a recall of {row.score['recall']:.4f}, Guyot "
                    f"{first.score['recall']:.4f}"
                )
            if told:
                found.append(f"{comparison.title}: {'; '.join(told)}.")
    return found


def failed(results: Results) -> list[str]:
    """Say which ways have no figures, and why."""
    return [
        f"{comparison.title}: {row.way.name}: {_in_a_line(row.failure)}"
        for comparison in results.comparisons
        for row in rows(comparison)
        if row.failure
    ]


def _sides(comparison: ComparisonResults) -> tuple[Row, list[Row]]:
    """Return Guyot's first way, and the other tools' ways that have figures."""
    first, *rest = rows(comparison)
    return first, [row for row in rest if row.way.role == "peer" and row.core_seconds is not None]


def _lost(first: Row, other: Row) -> bool:
    """Return whether another tool found more near-duplicates."""
    if "recall" not in first.score or "recall" not in other.score:
        return False
    return other.score["recall"] > first.score["recall"] + _SAME_RECALL


def _in_a_line(failure: str) -> str:
    """Return a reason without what would break a table or a list."""
    return " ".join(failure.split()).replace("|", "/").replace("<", "‹")
