"""Options of a meta-analysis that `gwasmeta meta` and `gwasmeta batch` share."""

from __future__ import annotations

from typing import Any


def add_method_options(group: Any) -> None:
    """Add what says how studies are combined."""
    group.add_argument(
        "--method",
        default="fixed",
        metavar="NAME[,NAME...]",
        help="fixed, random, sample-size; the first gives the plain columns beta, z, p_value (default: fixed)",
    )
    group.add_argument(
        "--tau-squared",
        default="DL",
        type=str.upper,
        metavar="NAME",
        help="between-study variance of random effects: DL, PM, REML, ML, SJ, HE, HS, EB (default: DL)",
    )
    group.add_argument("--hartung-knapp", action="store_true", help="Hartung-Knapp test for random effects")
    group.add_argument(
        "--overlap",
        metavar="estimated|FILE",
        help="allow for samples that studies share: with correlations estimated from variants without association, or"
        " with a matrix of correlations or of shared sample counts, its first line the names of the studies",
    )
    group.add_argument(
        "--z-cutoff",
        type=float,
        default=1.0,
        metavar="Z",
        help="overlap: estimate from variants with |z| below Z in both studies (default: 1)",
    )
    group.add_argument("--leave-one-out", action="store_true", help="add the estimates without each study")


def add_control_options(group: Any) -> None:
    """Add what says how inflation is corrected."""
    group.add_argument(
        "--genomic-control",
        action="store_true",
        help="multiply each study's variances by its inflation factor, where that is above 1",
    )
    group.add_argument("--genomic-control-variants", metavar="FILE", help="estimate the factors from these variants")
    group.add_argument("--genomic-control-result", action="store_true", help="correct the result as well")


def add_matching_options(group: Any) -> None:
    """Add what says which rows are the same variant."""
    group.add_argument(
        "--match",
        choices=("id", "position"),
        default="id",
        help="variants are the same by id, or by chromosome, position and alleles (default: id)",
    )
    group.add_argument(
        "--palindromic",
        choices=("keep", "drop", "infer"),
        default="keep",
        help="A/T and C/G variants: take as given, leave out, or turn by allele frequency (default: keep)",
    )
    group.add_argument(
        "--palindromic-window",
        type=float,
        default=0.08,
        metavar="F",
        help="infer: frequencies within F of one half do not tell (default: 0.08)",
    )
    group.add_argument(
        "--position-conflicts",
        choices=("warn", "exclude"),
        default="warn",
        help="rows that give a variant another place than the studies before (default: warn)",
    )
    group.add_argument(
        "--frequency-difference",
        type=float,
        default=0.3,
        metavar="F",
        help="note in the log rows whose allele frequency is further from the other studies' (default: 0.3)",
    )


def add_output_options(group: Any) -> None:
    """Add what says which variants are written, in which columns."""
    group.add_argument(
        "--format",
        choices=("gwasmeta", "ssf", "gwama", "metal"),
        default="gwasmeta",
        help="columns of the table (default: gwasmeta)",
    )
    group.add_argument("--min-studies", type=int, default=1, metavar="K", help="leave out variants of fewer studies")
    group.add_argument("--min-n", type=float, default=0, metavar="N", help="leave out variants with fewer samples")
    group.add_argument(
        "--direction-p",
        type=float,
        default=1.0,
        metavar="P",
        help="show a study's direction only where its own p-value is at most P",
    )
