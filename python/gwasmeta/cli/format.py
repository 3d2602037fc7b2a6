"""`gwasmeta format`: one study checked, harmonised, and written in another format."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gwasmeta.cli.one_study import add_reading_options, shown_rows, study_of

_EXAMPLES = """\
examples:
  gwasmeta format height.regenie.gz --to ssf --out height.tsv.gz
      GWAS-SSF for the GWAS Catalog, with height.tsv.gz-meta.yaml beside it; what was left out is in height.log.tsv

  gwasmeta format t2d.assoc.logistic --to gwama --filter 'maf >= 0.01' --out t2d.txt
      input of GWAMA, rare variants left out

  gwasmeta format cohort.txt.gz --to vcf --reference 1000G.sites.vcf.gz --liftover hg19ToHg38.over.chain.gz --tabix \\
      --out cohort.vcf.gz
      positions carried over to GRCh38, alleles turned to those of the reference, sorted, indexed

  gwasmeta format height.txt --to ssf --reference dbsnp.parquet --metadata height.yaml --out height.tsv.gz
      rsids to positions; a column hm_code says what was done to each row
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "format",
        help="check and harmonise a study, and write it in another format",
        description="Read a study of any format, check its rows, and write it in another format. Alleles are written in"
        " capitals and on the forward strand where the file gives strands; with a reference they become its reference"
        " and alternate alleles.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_reading_options(parser)
    parser.add_argument(
        "--to",
        default="ssf",
        choices=("ssf", "gwama", "metal", "mtag", "ldsc", "parquet", "vcf"),
        help="the format to write (default: ssf)",
    )
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="FILE",
        help="compressed as its name says: .gz, .bgz, .zst, or not; without an ending the format's usual one is added",
    )
    _add_harmonising_options(parser.add_argument_group("harmonising"))
    _add_output_options(parser.add_argument_group("output"))
    return parser


def _add_harmonising_options(group: Any) -> None:
    group.add_argument(
        "--reference",
        metavar="FILE",
        help="reference variants: a VCF with AF, or a table (text or Parquet) with GWAS-SSF's columns or CHROM, POS,"
        " ID, REF, ALT, AF; some 50 bytes of memory a variant",
    )
    group.add_argument(
        "--palindromic",
        choices=("infer", "keep", "drop"),
        default="infer",
        help="A/T and C/G variants, with a reference: turned by frequency where that tells, else left out; taken as"
        " given; left out (default: infer)",
    )
    group.add_argument(
        "--palindromic-window",
        type=float,
        default=0.08,
        metavar="F",
        help="infer: frequencies within F of one half do not tell (default: 0.08)",
    )
    group.add_argument(
        "--liftover", metavar="CHAIN", help="carry positions over to another build, such as hg19ToHg38.over.chain.gz"
    )


def _add_output_options(group: Any) -> None:
    group.add_argument("--build", metavar="NAME", help="build of the positions written; found out where possible")
    group.add_argument(
        "--metadata", metavar="YAML", help="ssf: fields of its metadata, such as trait_description: [height]"
    )
    group.add_argument("--sort", action="store_true", help="sort by chromosome and position, as a VCF always is")
    group.add_argument(
        "--tabix", action="store_true", help="sort, compress in blocks (bgzip) and index, for tabix and bcftools"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> None:
    """Write, and print what became of the rows."""
    import gwasmeta

    with shown_rows(options.quiet) as progress:
        result = gwasmeta.format_sumstats(
            study_of(options),
            options.out,
            to=options.to,
            reference=options.reference,
            palindromic=options.palindromic,
            palindromic_window=options.palindromic_window,
            liftover=options.liftover,
            build=options.build,
            metadata=options.metadata,
            sort=options.sort,
            tabix=options.tabix,
            progress=progress,
        )
    if not options.quiet:
        print(result)
        print("written: " + ", ".join(map(str, result.paths)), file=sys.stderr)
