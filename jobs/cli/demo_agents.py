"""The demo on episodes: a blind agent learns to walk mazes, and the graph runs over what it did.

Forty tasks are walked twenty times each and four hundred once, so that recipes have repeats to find; an
episode's document is its walk. Probes then say how much of the maze can still be read from the agent's memory
when they learn from what a recipe keeps.
"""

from typing import Any

from resources.settings import ROOT

FOLDER, POLICY = ROOT / "build" / "agents", "recurrent-0"
NAVIGATION: dict[str, Any] = {
    "imitation_steps": 1_000_000,
    "reward_steps": 400_000,
}  # a fifth of a full training
SETTINGS = {
    "lake": str(ROOT / "build" / "lake-agents"),  # a lake of its own: it has one kind of documents
    "reading.documents": "episode",
    "reading.split_column": "split",
    "reading.shard_bytes": "50000",  # small, so that there are some shards to see
    "navigation.policy": str(FOLDER / "policy"),
}


def main() -> None:
    """Train the agent, run the graph on its episodes, and say where to look."""
    from jobs.cli import output
    from jobs.cli.demo_graph import show_graph
    from resources.navigation.episode_set import EpisodeSetFolder
    from resources.navigation_settings import NavigationSettings

    episodes = EpisodeSetFolder(FOLDER, POLICY, NavigationSettings(**NAVIGATION))
    with output.shown():
        written = episodes.write()
    print(  # noqa: T201
        f"{sum(written.values()):,} episodes walked now; all are in {episodes.source.relative_to(ROOT)}",
        flush=True,
    )
    lake, sql = f"GUYOT_LAKE={SETTINGS['lake']}", ".venv/bin/guyot sql"
    kept = (
        "select recipe, count(distinct task) as tasks, count(*) as episodes from pruned_mixtures "
        "join episode_signals using (doc_id) where kept group by all order by all"
    )
    probes = "select recipe, mask, episodes, round(area, 3) as area from map_probes order by mask, area desc"
    one = "select min(doc_id) from pruned_mixtures where recipe = 'semdedup' and reason = 'near_duplicate'"
    show_graph(
        SETTINGS,
        episodes.source,
        {
            "the graph": f"{lake} GUYOT_READING__DOCUMENTS=episode make ui",
            "tasks kept": f'{lake} {sql} "{kept}"',
            "the maps": f'{lake} {sql} "{probes}"',
            "one repeat": f'{lake} .venv/bin/guyot explain $({lake} {sql} "{one}" | tail -1)',
        },
    )


if __name__ == "__main__":
    main()
