"""The demo on images: the graph over rendered scenes, of which every factor is known, without a download.

Some 300 scenes are rendered, embedded by EfficientNet-Lite0, pruned by the recipes, and each mixture trains a
small classifier of shapes. Scenes whose combination of shape, material and environment is in no training are
held out, as are a tenth of the others.
"""

from resources.settings import ROOT

FOLDER = ROOT / "build" / "scenes-small"
SETTINGS = {
    "lake": str(ROOT / "build" / "lake-images"),  # a lake holds texts or images, so not that of `make demo`
    "reading.documents": "image",
    "reading.split_column": "split",
    "reading.shard_bytes": "500000",  # small, so that there are some shards to see
    "encoder": "efficientnet-lite0",
    "training.image_objective": "label",
    "training.label_column": "shape",
    "training.images": "3000",
    "audit.factor_columns": "shape,material,environment,floor,light,scale,position",
}


def main() -> None:
    """Render the scenes, run the graph, and say where to look."""
    from jobs.cli import output
    from jobs.cli.demo_graph import show_graph
    from resources.scenes.scene_set import SceneSetFolder

    scenes = SceneSetFolder(FOLDER, "small")
    with output.shown():
        written = scenes.write()
    print(  # noqa: T201
        f"{sum(written.values()):,} scenes rendered now; all are in {scenes.source.relative_to(ROOT)}",
        flush=True,
    )
    lake, sql = f"GUYOT_LAKE={SETTINGS['lake']}", ".venv/bin/guyot sql"
    removed = "select recipe, factor, cramers_v from factor_association order by cramers_v desc limit 10"
    accuracy = "select * from evaluations where metric = 'accuracy' order by run_id, slice"
    lost = "select recipe, reason, count(*) from pruned_mixtures where not kept group by all order by all"
    show_graph(
        SETTINGS,
        scenes.source,
        {
            "the pictures": str(FOLDER / "sheets"),
            "the graph": f"{lake} GUYOT_READING__DOCUMENTS=image make ui",
            "the accuracy": f'{lake} {sql} "{accuracy}"',
            "what collapses": f'{lake} {sql} "{removed}"',
            "what was lost": f'{lake} {sql} "{lost}"',
        },
    )


if __name__ == "__main__":
    main()
