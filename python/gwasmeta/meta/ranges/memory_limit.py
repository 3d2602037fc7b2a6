"""How many variants a range may have in the memory that there is."""

from __future__ import annotations

from gwasmeta.errors import GwasmetaError
from gwasmeta.memory import as_text, taken
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.overlap import BLOCK_ROWS
from gwasmeta.meta.ranges.numbered_study import GRAIN

# Bytes of a variant: the sums, one study's rows on their way into them, and the words of the result.
_OF_SUMS = 500
_OF_STUDY = 2  # its direction, packed and as text
_OF_STUDY_IN_MATRIX = 40  # effect and standard error, with what the methods that need them all put beside
_USUAL = 128_000_000  # bytes of a range, so that memory does not grow with the studies
_RESERVE = 100_000_000  # for what is on its way to files, and libraries


def variants_of_range(memory: int | None, options: MetaOptions, n_studies: int, at_once: int, most: int) -> int:
    """Return how many variants a range has.

    Parameters
    ----------
    memory : int or None
        Bytes that this process may take.
    options : MetaOptions
    n_studies : int
    at_once : int
        Ranges that are worked on at a time.
    most : int
        As many as are good for speed, where the studies are few.

    Raises
    ------
    GwasmetaError
        If the smallest possible range does not fit.
    """
    of_variant = _OF_SUMS + n_studies * (_OF_STUDY + (_OF_STUDY_IN_MATRIX if options.needs_matrix else 0))
    least = BLOCK_ROWS if options.overlap == "estimated" else GRAIN  # correlations are summed up by such blocks
    most = min(most, max(least, _USUAL // of_variant // least * least))
    if memory is None:
        return most
    base = taken() + _RESERVE
    fitting = (memory - base) // (at_once * of_variant)
    if fitting < least:
        needed = base + at_once * of_variant * least
        raise GwasmetaError(f"memory of {as_text(memory)}: is too little for these studies; give {as_text(needed)}")
    return min(most, int(fitting) // least * least)


def refuse_beyond(memory: int | None, n_variants: int) -> None:
    """Raise an error if this process takes more than it may."""
    if memory is not None and taken() > memory:
        raise GwasmetaError(
            f"memory of {as_text(memory)}: the names of {n_variants:,} variants do not fit into it;"
            f" give {as_text(taken() * 1.5)} or more, or combine chromosomes one by one (--filter 'chromosome == 1')"
        )
