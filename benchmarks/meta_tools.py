"""The programs that the meta-analysis benchmark compares: how each is told to do the same job.

The job: studies of a quantitative trait, genomic control of each study, fixed effects, heterogeneity, and
every column that the program can add without being given more data.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

# How gwasmeta is run, after the interpreter. <studies> stands for any number of arguments.
GWASMETA_ARGUMENTS = (
    *("-m", "gwasmeta", "meta", "<studies>"),
    *("--method", "<methods>", "--genomic-control", "--out", "<output>"),
)

_OUTPUT = "result"  # in the run's own directory, and so short: METAL and GWAMA split paths at blanks


@dataclass(frozen=True)
class Job:
    """One meta-analysis, to be run in `directory`.

    Attributes
    ----------
    studies : tuple of str
        Paths relative to `directory`.
    directory : Path
        Where control files and output go.
    methods : str
        "fixed", or "fixed,random", which only gwasmeta heeds.
    genomic_control : bool
    """

    studies: tuple[str, ...]
    directory: Path
    methods: str
    genomic_control: bool = True


@dataclass(frozen=True)
class Tool:
    """A program, and where its result has what.

    Attributes
    ----------
    name : str
    executables : tuple of str
        Names to look for, the most telling first.
    prepare : callable
        Writes the control files of a job and returns the arguments behind the executable.
    output : str
        Name of the table it writes.
    columns : mapping
        Its column names for variant_id, effect_allele, other_allele, beta and, where it has one,
        standard_error.
    beta_decimals : int or None
        Decimals that it prints of an effect; None where it prints all digits that matter.
    has_genomic_control : bool
    note : str
        What the reader of its timing has to know.
    """

    name: str
    executables: tuple[str, ...]
    prepare: Callable[[Job], list[str]]
    output: str
    columns: Mapping[str, str]
    beta_decimals: int | None
    has_genomic_control: bool = True
    note: str = ""

    def find(self) -> str | None:
        """Return the path of the executable, or None where it is not installed."""
        return next((path for name in self.executables if (path := shutil.which(name))), None)


def _prepare_gwasmeta(job: Job) -> list[str]:
    values = {"<studies>": job.studies, "<methods>": (job.methods,), "<output>": (_OUTPUT,)}
    if not job.genomic_control:
        values["--genomic-control"] = ()
    return [value for argument in GWASMETA_ARGUMENTS for value in values.get(argument, (argument,))]


def _prepare_gwama(job: Job) -> list[str]:
    (job.directory / "gwama.in").write_text("\n".join(job.studies) + "\n")
    genomic_control = ["-gc"] if job.genomic_control else []
    return ["-i", "gwama.in", "-o", _OUTPUT, "-qt", *genomic_control]


_METAL_SETTINGS = """\
SCHEME STDERR
GENOMICCONTROL {genomic_control}
AVERAGEFREQ ON
MINMAXFREQ ON
EFFECT_PRINT_PRECISION 6
STDERR_PRINT_PRECISION 6
CUSTOMVARIABLE TotalSampleSize
LABEL TotalSampleSize AS N
MARKERLABEL MARKERNAME
ALLELELABELS EA NEA
FREQLABEL EAF
EFFECTLABEL BETA
STDERRLABEL SE
PVALUELABEL P
"""


def _prepare_metal(job: Job) -> list[str]:
    settings = _METAL_SETTINGS.format(genomic_control="ON" if job.genomic_control else "OFF")
    process = "".join(f"PROCESSFILE {study}\n" for study in job.studies)
    # METAL puts the number of the analysis between the two parts of the name
    analyze = f"OUTFILE {_OUTPUT} .tbl\nANALYZE HETEROGENEITY\nQUIT\n"
    (job.directory / "metal.txt").write_text(settings + process + analyze)
    return ["metal.txt"]


def _prepare_plink(job: Job) -> list[str]:
    return [
        *("--meta-analysis", *job.studies, "+", "qt", "report-all"),
        *("--meta-analysis-snp-field", "MARKERNAME", "--meta-analysis-bp-field", "POS"),
        *("--meta-analysis-a1-field", "EA", "--meta-analysis-a2-field", "NEA"),
        *("--out", _OUTPUT),
    ]


_TOOLS = (
    Tool(
        name="gwasmeta",
        executables=(sys.executable,),
        prepare=_prepare_gwasmeta,
        output=f"{_OUTPUT}.tsv",
        columns={name: name for name in ("variant_id", "effect_allele", "other_allele", "beta", "standard_error")},
        beta_decimals=None,
    ),
    Tool(
        name="gwama",
        executables=("GWAMA",),
        prepare=_prepare_gwama,
        output=f"{_OUTPUT}.out",
        columns={
            "variant_id": "rs_number",
            "effect_allele": "reference_allele",  # GWAMA's word for it
            "other_allele": "other_allele",
            "beta": "beta",
            "standard_error": "se",
        },
        beta_decimals=6,
    ),
    Tool(
        name="metal",
        executables=("metal",),
        prepare=_prepare_metal,
        output=f"{_OUTPUT}1.tbl",
        columns={
            "variant_id": "MarkerName",
            "effect_allele": "Allele1",
            "other_allele": "Allele2",
            "beta": "Effect",
            "standard_error": "StdErr",
        },
        beta_decimals=6,
    ),
    Tool(
        name="plink",
        executables=("plink1.9", "plink"),
        prepare=_prepare_plink,
        output=f"{_OUTPUT}.meta",
        columns={"variant_id": "SNP", "effect_allele": "A1", "other_allele": "A2", "beta": "BETA"},
        beta_decimals=4,
        has_genomic_control=False,
        note="has no genomic control; always adds random effects",
    ),
)


def _as_drop_in(tool: Tool) -> Tool:
    """Return gwasmeta in the place of another program: the same command line and control files."""

    def prepare(job: Job) -> list[str]:
        return ["-m", "gwasmeta", tool.name, *tool.prepare(job)]

    return replace(tool, name=f"gwasmeta-{tool.name}", executables=(sys.executable,), prepare=prepare)


_DROP_INS = tuple(_as_drop_in(tool) for tool in _TOOLS if tool.name in ("gwama", "metal"))

TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in (*_TOOLS, *_DROP_INS)})
