"""D4: deduplicate, cluster the survivors again, then drop the most prototypical of them.

The first clustering is shaped by clumps of templates and duplicates; once they are gone, distance to
a centroid describes the documents that are left.
"""

from guyot.errors import SettingError
from guyot.prune.prototypes import Prototypes
from guyot.prune.semdedup import SemDeDup


def d4(target_fraction: float, semdedup_fraction: float = 0.75) -> tuple[SemDeDup, Prototypes]:
    """Compose D4's steps for a target.

    Parameters
    ----------
    target_fraction : R, of the source, 0-1
    semdedup_fraction : what SemDeDup keeps of the source; prototypes keep R / semdedup_fraction of that

    Raises
    ------
    SettingError : the target is above what SemDeDup leaves.

    Notes
    -----
    Tirumala et al. 2023 (arXiv:2308.12284): R_dedup = 0.75, R_proto = R / R_dedup. Both are fractions of
    the recipe's unit.

    Examples
    --------
    >>> d4(0.5)[0].keep_fraction
    0.75
    """
    if not 0 < target_fraction <= semdedup_fraction <= 1:
        raise SettingError(
            f"target_fraction={target_fraction} of the source cannot be kept from the "
            f"{semdedup_fraction} that SemDeDup leaves; keep 0 < target_fraction <= semdedup_fraction <= 1"
        )
    return SemDeDup(keep_fraction=semdedup_fraction), Prototypes(recluster=True)
