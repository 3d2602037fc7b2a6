"""MTAG's options, and what they mean."""

from __future__ import annotations

import argparse

from gwasmeta.cli.cluster_options import add_cluster_options

_DESCRIPTION = """\
Does what MTAG 1.0.8 does (Turley et al. 2018), from the same options and files to the same output files: estimates
each of several traits from the summary statistics of all. What it does better is listed in docs/differences.md.

  gwasmeta mtag --sumstats height.txt,weight.txt --out results/both
  gwasmeta mtag --sumstats a.txt.gz,b.txt.gz --snp_name rsid --a1_name effect_allele --a2_name other_allele \\
      --eaf_name eaf --p_name pvalue --maf_min 0.01 --out results/ab
  gwasmeta mtag --sumstats a.txt,b.txt --fdr --intervals 10 --out results/ab
  gwasmeta mtag --sumstats cohort1.txt,cohort2.txt --perfect_gencov --equal_h2 --no_overlap --out results/one_trait
  gwasmeta mtag --studies traits.yaml --ld_ref_panel eur_w_ld_chr/ --out results/both

Each file has a line a SNP and blanks or tabs between the columns, by default snpid chr bpos a1 a2 freq z p n; a1 is the
allele that z and freq are of. SNPs are matched by their ids and effects aligned to the first file's a1.
Written are PREFIX_trait_1.txt, PREFIX_trait_2.txt, ... with the columns mtag_beta, mtag_se, mtag_z and mtag_pval, the
covariance matrices PREFIX_sigma_hat.txt (of what is no genetic signal) and PREFIX_omega_hat.txt (of genetic effects),
PREFIX.log, and PREFIX.log.tsv, which says how many SNPs each rule removed.

With --studies, the traits may be of any format that gwasmeta reads (docs/formats.md), and the result has gwasmeta's
form: PREFIX.NAME.tsv for each trait, PREFIX.log.tsv, and PREFIX.json with the covariances. The list's fields take the
place of the options on columns and of --n_value; --maf_min is 0.01 if not given, and numbers are one for all traits.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add MTAG's options, with its defaults."""
    parser.description = _DESCRIPTION
    parser.add_argument("-h", "--help", action="store_true", help="print this")
    _add_files(parser)
    _add_columns(parser)
    _add_filters(parser)
    _add_models(parser)
    _add_false_discovery_rate(parser)
    _add_rest(parser)
    add_cluster_options(parser)


def _add_files(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("files").add_argument
    add("--sumstats", metavar="FILE,FILE...", help="the traits' files; plain or compressed")
    add(
        "--studies",
        metavar="LIST",
        help="instead: a list of the traits, YAML or a table (path, name, n, dialect, columns, filters, ...)",
    )
    add("--report", metavar="FILE", help="write a report of the result as well: one HTML file with tables and pictures")
    add("--out", metavar="PREFIX", default="./mtag_results", help="beginning of the names of the output")
    add("--make_full_path", action="store_true", help="create the folder of PREFIX if there is none")
    add(
        "--ld_ref_panel",
        metavar="FOLDER",
        help="LD scores: files *.l2.ldscore.gz and *.l2.M_5_50 (default: what gwasmeta ldscores fetch has fetched)",
    )
    add("--residcov_path", metavar="FILE", help="take Sigma from this file (text or .npy) instead of estimating it")
    add("--gencov_path", metavar="FILE", help="take Omega from this file (text or .npy) instead of estimating it")
    add(
        "--meta_format",
        action="store_true",
        help="write all SNPs that any trait has, each estimated from the traits that have it",
    )


def _add_columns(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("columns, by the words of the files' headers").add_argument
    for option, word, what in (
        ("--snp_name", "snpid", "id of the SNP"),
        ("--z_name", "z", "z statistic"),
        ("--beta_name", "beta", "effect, with --use_beta_se"),
        ("--se_name", "se", "standard error of the effect, with --use_beta_se"),
        ("--n_name", "n", "sample size"),
        ("--eaf_name", "freq", "frequency of a1"),
        ("--chr_name", "chr", "chromosome"),
        ("--bpos_name", "bpos", "position"),
        ("--a1_name", "a1", "effect allele"),
        ("--a2_name", "a2", "other allele"),
        ("--p_name", "p", "p-value"),
    ):
        add(option, metavar="WORD", default=word, help=f"{what} (default: {word})")
    add("--n_value", metavar="N,N...", help="sample sizes, instead of a column of them")
    add("--no_chr_data", action="store_true", help="do without chromosomes and positions")
    add("--use_beta_se", action="store_true", help="take z from effect and standard error")


def _add_filters(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group(
        "which SNPs; numbers may be given as one for all traits or one for each"
    ).add_argument
    add("--include", metavar="FILE,FILE...", help="only SNPs in one of these lists, under a header")
    add("--exclude", "--excludeSNPs", metavar="FILE,FILE...", help="no SNPs of these lists")
    add("--only_chr", metavar="CHR,CHR...", help="only SNPs on these chromosomes")
    add(
        "--maf_min",
        metavar="F",
        help="minor allele frequency must be above this (default: 0.01; but as in MTAG, no filter unless the option is"
        " given or the column of frequencies is called otherwise than freq)",
    )
    add("--info_min", metavar="R", help="column INFO must be at least this")
    add("--n_min", metavar="N", help="n must be at least this (default: 90th percentile / 1.5)")
    add("--n_max", metavar="N", help="n must be at most this")
    add("--homogNs_frac", metavar="F", help="|n - mode| / mode must be at most this, mode the most frequent n")
    add("--homogNs_dist", metavar="D", help="|n - mode| must be at most this")
    add("--incld_ambig_snps", action="store_true", help="keep SNPs A/T and C/G; Sigma and Omega do without them")
    add("--no_allele_flipping", action="store_true", help="take effects as they are where a1 and a2 are swapped")
    add(
        "--median_z_cutoff",
        metavar="Z",
        type=float,
        default=0.1,
        help="stop if the median of a trait's z is further from 0 (default: 0.1)",
    )
    add("--force", action="store_true", help="go on if a trait's mean z² is below 1.02")


def _add_models(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how the traits covary").add_argument
    add("--no_overlap", action="store_true", help="the studies have nobody in common: Sigma is diagonal")
    add("--perfect_gencov", action="store_true", help="genetic correlations are 1")
    add(
        "--equal_h2",
        action="store_true",
        help="with --perfect_gencov: all files are of one trait; one table is written",
    )
    add("--numerical_omega", action="store_true", help="estimate Omega by maximum likelihood, not by moments")
    add("--tol", metavar="T", type=float, default=1e-6, help="accepted; the maximum is found to rounding errors")
    add("--time_limit", metavar="HOURS", type=float, default=100.0, help="accepted; it takes seconds")


def _add_false_discovery_rate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("largest false discovery rate").add_argument
    add("--fdr", action="store_true", help="compute it; writes PREFIX_fdr_mat.txt and PREFIX_prob_grid.txt")
    add("--skip_mtag", action="store_true", help="compute it from the files that an earlier run has written to --out")
    add(
        "--intervals",
        metavar="K",
        type=int,
        default=10,
        help="probabilities of the grid are multiples of 1/K (default: 10)",
    )
    add("--grid_file", metavar="FILE", help="look at these points: a line each, probabilities of FF FT TF TT and so on")
    add("--fit_ss", action="store_true", help="look only at points that fit the share of null SNPs of each trait")
    add("--p_sig", metavar="P", type=float, default=5e-8, help="threshold of significance (default: 5e-8)")
    add("--n_approx", action="store_true", help="accepted: the mean n of a trait is used, as MTAG always does")
    add("--cores", metavar="K", type=int, default=1, help="accepted; all cores are used, or what --workers says")


def _add_rest(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the rest").add_argument
    add("--std_betas", action="store_true", help="effects per standard deviation of the genotype, not per allele")
    add("--chunksize", metavar="ROWS", type=float, default=1e7, help="accepted; files are read in small blocks")
    add(
        "--verbose",
        action="store_true",
        help="say more in the log: the standard errors of Sigma, and each rule's count",
    )
    add("--stream_stdout", action="store_true", help="print the log as well")
