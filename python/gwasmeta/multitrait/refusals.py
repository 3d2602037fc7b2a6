"""What traits cannot be analysed together, told with their names before the statistics stumble over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.sumstats.effects import FloatArray

_FEWEST_SNPS: Final = 200  # as many blocks has the jackknife
_NO_EIGENVALUE: Final = 1e-9  # of a matrix of correlations
_TAKES_PART: Final = 0.05  # of the length of an eigenvector


@contextmanager
def naming(names: Sequence[str]) -> Iterator[None]:
    """Add to a GwasmetaError that speaks of the traits by their numbers which they are."""
    try:
        yield
    except GwasmetaError as error:
        traits = "; ".join(f"trait {number} is {name}" for number, name in enumerate(names, start=1))
        raise GwasmetaError(f"{error}\n  ({traits})") from error


def refuse_few_snps(snps: CommonSnps, n_used: int, names: Sequence[str]) -> None:
    """Raise a GwasmetaError if the traits have too few SNPs in common for LD score regression.

    Parameters
    ----------
    snps : CommonSnps
    n_used : int
        Those of them whose strand can be told.
    names : sequence of str
        Of the traits.
    """
    if n_used >= _FEWEST_SNPS:
        return
    removed = [f"{step.removed:,}: {step.reason}" for step in snps.steps if step.removed]
    if len(snps) > n_used:
        removed.append(f"{len(snps) - n_used:,}: the strand of A/T and C/G cannot be told")
    what = f"trait {names[0]} has" if len(names) == 1 else f"the traits {', '.join(names)} have in common"
    raise GwasmetaError(
        f"{what} only {n_used:,} SNPs that can be used; LD score regression needs {_FEWEST_SNPS} or more\n"
        f"  Of the others: {'; '.join(removed) or 'there are none'}\n"
        "  Is each trait's file whole, and are its ids of one kind with the others'? If so, leave out the trait that"
        " has so few, or give Sigma."
    )


def refuse_few_in_panel(n_found: int, n_snps: int, panel: str) -> None:
    """Raise a GwasmetaError if the panel has some of the traits' SNPs, but too few."""
    if n_found < _FEWEST_SNPS:
        raise GwasmetaError(
            f"{panel}: the panel of LD scores has only {n_found:,} of the traits' {n_snps:,} SNPs; LD score regression"
            f" needs {_FEWEST_SNPS} or more\n"
            "  Are all its chromosomes there, and are its ids of one kind with the traits'?"
        )


def refuse_singular_sigma(sigma: FloatArray, names: Sequence[str]) -> None:
    """Raise a GwasmetaError if some traits' statistics have errors that follow from each other.

    To be asked before Sigma is repaired: of two equal traits, rounding leaves an eigenvalue on either side of 0.
    """
    root = np.sqrt(sigma.diagonal())
    eigenvalues, vectors = np.linalg.eigh(sigma / np.outer(root, root))
    nearest = int(np.abs(eigenvalues).argmin())
    if abs(eigenvalues[nearest]) > _NO_EIGENVALUE:
        return
    involved = [name for name, part in zip(names, vectors[:, nearest], strict=True) if abs(part) > _TAKES_PART]
    raise GwasmetaError(
        f"the errors of the traits {' and '.join(involved)} follow from each other: Sigma is singular\n"
        "  Is it the same file, or the same trait of the same people? Leave one of these traits out, or correct a Sigma"
        " that you give."
    )


def refuse_without_signal(moments: FloatArray, snps: CommonSnps, names: Sequence[str], sigma: FloatArray) -> None:
    """Raise a GwasmetaError if a trait's statistics vary no more than their errors do.

    Parameters
    ----------
    moments : float64 array, shape (n_traits, n_traits)
        Omega by moments.
    snps : CommonSnps
        From which it is.
    names : sequence of str
    sigma : float64 array, shape (n_traits, n_traits)
    """
    for trait, name in enumerate(names):
        if moments[trait, trait] <= 0:
            mean = float(np.mean(snps.z[:, trait] ** 2))
            raise GwasmetaError(
                f"trait {name}: no genetic variance is left: its mean z² is {mean:.4f}, not above its intercept of"
                f" {sigma[trait, trait]:.4f} (its element of Sigma), so that its heritability would be negative\n"
                "  Leave it out, or give Sigma or Omega from a larger set of SNPs."
            )
