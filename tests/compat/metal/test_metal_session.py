"""The state of a METAL session: what each command sets, what a file keeps, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gwasmeta.compat.metal_files import MetalFile
from gwasmeta.compat.metal_script import COMMANDS
from gwasmeta.compat.metal_session import Session
from gwasmeta.compat.metal_settings import GenomicControl, Settings
from gwasmeta.errors import GwasmetaError

HEADER = "MARKER ALLELE1 ALLELE2 EFFECT STDERR PVALUE N FREQ STRAND CHROMOSOME POSITION INFO"


class Recorder:
    """A session whose analyses are only written down."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.analyses: list[tuple[list[MetalFile], Settings, str, Path]] = []
        self.session = Session(self._analyze, self.said.append)

    def _analyze(self, files: list[MetalFile], settings: Settings, analysis: Any, table: Path) -> None:
        self.analyses.append((list(files), settings, analysis, table))

    def __call__(self, *lines: str) -> Recorder:
        self.session.carry_out((f"line {number}", line) for number, line in enumerate(lines, start=1))
        return self

    @property
    def settings(self) -> Settings:
        return self.session.settings


@pytest.fixture
def metal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(HEADER + "\n")
    (tmp_path / "list.txt").write_text("rs1\nrs2\n\nrs3\n")
    return Recorder()


@pytest.mark.parametrize(
    ("line", "field", "value", "report"),
    [
        ("MARKER SNP", "marker", "SNP", "## Set marker header to SNP ..."),
        ("WEIGHT n", "weight", "n", "## Set weight header to n ..."),
        ("PVAL P", "p_value", "P", "## Set p-value header to P ..."),
        ("EFFECT log(OR)", "effect", "log(OR)", "## Set effect header to log(OR) ..."),
        ("FREQ F", "frequency", "F", "## Set frequency header to F ..."),
        ("STDERR SE", "standard_error", "SE", "## Set standard error header to SE ..."),
        ("STRANDLABEL S", "strand", "S", "## Set strand header to S ..."),
        ("CHROMOSOME CHR", "chromosome", "CHR", "## Set chromosome header to CHR ..."),
        ("POSITION BP", "position", "BP", "## Set position header to BP ..."),
        ("DEFAULT 4106", "default_weight", 4106.0, "## Set default weight to 4106.00 ..."),
        ("MINWEIGHT 5000", "min_weight", 5000.0, "## Set minimum weight for meta-analysis to 5000.00 ..."),
        ("ZCUTOFF 2", "z_cutoff", 2.0, "## Set Z cutoff to 2.00 ..."),
        ("MAXWARNINGS 3", "max_warnings", 3, "## Set the maximum number of warnings per file to 3 ..."),
        ("EFFECT_PRINT_PRECISION 12", "effect_precision", 12, "## Set print precision for Effect to 12 ..."),
        ("STDERR_PRINT_PRECISION 9", "standard_error_precision", 9, "## Set print precision for StdErr to 9 ..."),
        ("SEPARATOR COMMA", "separator", ",", "## Set column separator to COMMAS ..."),
        ("SEPARATOR tab", "separator", "\t", "## Set column separator to TAB ..."),
        ("SEPARATOR BOTH", "separator", " ,", "## Set column separator to BOTH ..."),
        ("SEPARATOR W", "separator", " ", "## Set column separator to WHITESPACE ..."),
        (
            "COLUMNCOUNTING LEN",
            "strict_counting",
            False,
            "## LENIENT MODE: Input lines can include extra columns, which will be ignored",
        ),
        (
            "SCHEME std",
            "scheme",
            "STDERR",
            "## Meta-analysis will be based on effect sizes and their standard errors ...",
        ),
        ("LOGPVALUE on", "log_p_value", True, "## Log(p-value) will be output"),
        ("USESTRAND ON", "use_strand", True, "## Strand flipping according to strand column enabled"),
        ("USESTRAND OF", "use_strand", False, "## Strand flipping according to strand column disabled"),
        ("VERBOSE ON", "verbose", True, "## Verbose output during meta-analysis enabled"),
        ("AVERAGEFREQ ON", "average_frequencies", True, "## Averaging of allele frequencies enabled"),
        ("MINMAXFREQ ON", "extreme_frequencies", True, "## Tracking of extreme allele frequencies enabled"),
        ("TRACKPOSITIONS ON", "track_positions", True, "## Tracking of chromosomes and positions is enabled"),
        ("OVERLAP ON", "overlap", True, "## Correction for samples overlap enabled"),
        (
            "GENOMICCONTROL ON",
            "genomic_control",
            GenomicControl(True),
            "## Genomic control correction of input statistics enabled",
        ),
        (
            "GENOMICCONTROL OFF",
            "genomic_control",
            GenomicControl(),
            "## Genomic control correction of input statistics disabled",
        ),
        (
            "GENOMICCONTROL 1.1",
            "genomic_control",
            GenomicControl(True, 1.1),
            "## Genomic control parameter set to 1.100",
        ),
        (
            "GENOMICCONTROL LIST list.txt",
            "genomic_control",
            GenomicControl(True, markers="list.txt"),
            "## Genomic control correction will be based on 3 markers listed in [list.txt]",
        ),
        ("FLIP", "flip", True, "## All effects will be flipped"),
    ],
)
def test_a_command_sets_its_setting_and_says_what_metal_says(
    line: str, field: str, value: object, report: str, metal: Recorder
) -> None:
    metal(line)
    assert getattr(metal.settings, field) == value
    assert metal.said == [report]
    others = {name: was for name, was in vars(Settings()).items() if name != field}
    assert {name: now for name, now in vars(metal.settings).items() if name != field} == others


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["MAXWARNINGS few"], "line 1: MAXWARNINGS few: a whole number"),
        (["DEFAULT 0"], "line 1: DEFAULTWEIGHT 0: a positive number is needed"),
        (["DEFAULT NA"], "NA is not a number"),
        (["SCHEME RANDOM"], "RANDOM is none of SAMPLESIZE, STDERR"),
        (["SEPARATOR ;"], "; is none of WHITESPACE, COMMAS, TABS, BOTH"),
        (["OVERLAP MAYBE"], "MAYBE is neither ON nor OFF"),
        (["GENOMICCONTROL YES"], "YES is not a number"),
        (["GENOMICCONTROL -1"], "a positive number is needed"),
        (["GENOMICCONTROL LIST"], "the file that lists the markers is missing"),
        (["GENOMICCONTROL LIST nolist.txt"], "nolist.txt: there is no such file"),
        (["SCHEME STDERR", "OVERLAP ON"], "line 2: OVERLAP ON: OVERLAP corrects sums weighted by sample size"),
        (["OVERLAP ON", "SCHEME STDERR"], "line 2: SCHEME STDERR: OVERLAP corrects sums weighted by sample size"),
        (["LABEL TotalN AS N"], "there is no custom variable TotalN"),
        (["CUSTOMVARIABLE N", "LABEL N OF M"], "write it as  LABEL NAME AS LABEL"),
        (["ADDFILTER N ~ 3"], "line 1: ADDFILTER N ~ 3: there is no condition ~"),
        (["ANALYZE"], "line 1: ANALYZE: no file has been processed"),
        (["PROCESS a.txt", "ANALYZE FIXED"], "line 2: ANALYZE FIXED: FIXED is none of HETEROGENEITY, RANDOM"),
        (["PROCESS a.txt", "", "SCHEME STDERR"], "line 3: SCHEME STDERR: this cannot change between the files"),
        (["PROCESS a.txt", "AVERAGEFREQ ON"], "this cannot change between the files"),
        (["PROCESS a.txt", "MINMAXFREQ ON"], "this cannot change between the files"),
        (["PROCESS a.txt", "TRACKPOSITIONS ON"], "this cannot change between the files"),
        (["PROCESS a.txt", "CUSTOMVARIABLE N"], "files have been processed without it"),
        (["PROCESS c.txt"], "line 1: PROCESSFILE c.txt: c.txt: there is no such file"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_its_place(lines: list[str], says: str, metal: Recorder) -> None:
    with pytest.raises(GwasmetaError) as caught:
        metal(*lines)
    assert says in str(caught.value)


def test_settings_last_and_a_file_keeps_its_own(metal: Recorder) -> None:
    metal("WEIGHT N", "FLIP", "ADDFILTER INFO > 0.5", "PROCESS a.txt")
    metal(
        "FLIP",
        "REMOVEFILTERS",
        "GENOMICCONTROL 1.2",
        "DEFAULT 7",
        "WEIGHT nosuch",
        "PROCESS b.txt",
        "LOGPVALUE ON",
        "ANALYZE",
    )
    ((first, second), settings, analysis, table) = metal.analyses[0]
    assert (first.study.flip_effects, second.study.flip_effects) == (True, False)
    assert (first.study.conditions, second.study.conditions) == (("`INFO` > 0.5",), ())
    assert (first.study.inflation_factor, second.study.inflation_factor) == (1.0, 1.2)
    assert (first.study.columns.get("n"), first.study.n) == ("N", None)
    assert (second.study.columns.get("n"), second.study.n) == (None, 7.0)
    assert (settings.log_p_value, analysis, table) == (True, "plain", Path("METAANALYSIS1.TBL"))


def test_a_second_analysis_has_all_files_and_the_next_number(metal: Recorder) -> None:
    metal("OUTFILE out/x_ .tbl", "PROCESS a.txt", "ANALYZE", "PROCESS b.txt", "ANALYZE het", "ANALYZE RANDOM # too")
    assert [(len(files), analysis, str(table)) for files, _, analysis, table in metal.analyses] == [
        (1, "plain", "out/x_1.tbl"),
        (2, "heterogeneity", "out/x_2.tbl"),
        (2, "random", "out/x_3.tbl"),
    ]
    metal("OUTFILE y .tbl", "ANALYZE # again", "CLEAR", "PROCESS b.txt", "ANALYZE")
    assert [(len(files), str(table)) for files, _, _, table in metal.analyses[3:]] == [(2, "y1.tbl"), (1, "y2.tbl")]


def test_clear_forgets_files_filters_and_custom_variables_but_no_labels(metal: Recorder) -> None:
    metal(
        "CUSTOMVARIABLE TotalN",
        "LABEL TotalN AS N",
        "ADDFILTER INFO > 0",
        "EFFECT BETA",
        "EFFECT EFFECT",
        "PROCESS a.txt",
    )
    metal("CLEAR", "SCHEME STDERR")
    assert metal.session.files == []
    assert (metal.settings.filters, metal.settings.custom) == ((), ())
    assert metal.said[-3:-1] == ["## Clearing all stored statistics ...", "# Clearing user defined filters ..."]
    assert any("1 files are in no result" in line for line in metal.said)


def test_a_setting_that_is_repeated_between_files_does_no_harm(metal: Recorder) -> None:
    metal("SCHEME STDERR", "PROCESS a.txt", "SCHEME STDERR", "AVERAGEFREQ OFF", "PROCESS b.txt", "ANALYZE")
    assert len(metal.analyses[0][0]) == 2


def test_custom_variables_have_a_header_for_each_file(metal: Recorder) -> None:
    metal("CUSTOMVARIABLE TotalN", "CUSTOMVARIABLE totaln", "LABEL TOTALN AS INFO", "PROCESS a.txt")
    assert metal.said[1] == "## Variable 'totaln' already defined"
    metal("LABEL TotalN as n", "PROCESS b.txt")
    assert [file.study.sums for file in metal.session.files] == [{"custom:TotalN": "INFO"}, {"custom:TotalN": "N"}]


def test_scripts_call_scripts(metal: Recorder, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("MARKER SNP\nRETURN\nMARKER NEVER\n")
    metal("SOURCE labels.txt", "WEIGHT M")
    assert (metal.settings.marker, metal.settings.weight) == ("SNP", "M")
    (tmp_path / "wrong.txt").write_text("MARKER ID\n\nFOO\n")
    with pytest.raises(GwasmetaError, match=r"line 1: SOURCE wrong\.txt: wrong\.txt, line 3: FOO: METAL has no"):
        metal("SOURCE wrong.txt")
    (tmp_path / "end.txt").write_text("QUIT\nMARKER NEVER\n")
    metal("SOURCE end.txt", "MARKER NEVER")
    assert metal.settings.marker == "ID"
    assert metal.session.ended


def test_files_that_no_analysis_follows_are_told_of(metal: Recorder) -> None:
    metal("PROCESS a.txt", "ANALYZE").session.finish()
    assert not any("in no result" in line for line in metal.said)
    metal("PROCESS b.txt").session.finish()
    assert metal.said[-1] == "## NOTE: 1 files are in no result: no ANALYZE follows their PROCESSFILE"


def test_help_has_every_command_and_the_settings(metal: Recorder) -> None:
    metal("MARKER SNP", "USESTRAND ON", "GENOMIC LIST list.txt", "SEPARATOR TAB", "COLUMN LENIENT", "HELP")
    shown = {line.split()[1]: line for line in metal.said if line.startswith("#   ")}
    assert set(shown) == {rule.name for rule in COMMANDS}
    for name, setting in (
        ("MARKERLABEL", "SNP"),
        ("ALLELELABELS", "ALLELE1 ALLELE2"),
        ("USESTRAND", "ON"),
        ("VERBOSE", "OFF"),
        ("GENOMICCONTROL", "LIST list.txt"),
        ("SEPARATOR", "TABS"),
        ("COLUMNCOUNTING", "LENIENT"),
        ("SCHEME", "SAMPLESIZE"),
        ("OUTFILE", "METAANALYSIS .TBL"),
    ):
        assert shown[name].endswith(f" (setting = {setting})")
