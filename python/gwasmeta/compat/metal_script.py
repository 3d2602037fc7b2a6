"""METAL's script language: from a line of text to a command and its arguments."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gwasmeta.errors import GwasmetaError


@dataclass(frozen=True)
class CommandRule:
    """How one command is written.

    Attributes
    ----------
    name : str
    shortest : int
        Letters that an abbreviation must have.
    arguments : str
        What follows the name, in METAL's words; what may be left out is in brackets.
    group, meaning : str
        For HELP.
    """

    name: str
    shortest: int
    arguments: str
    group: str
    meaning: str

    @property
    def n_needed(self) -> int:
        """How many arguments there must be."""
        return sum(not word.startswith("[") for word in self.arguments.split())


_INPUT = "describing input files"
_FILTERS = "filtering input files"
_SAMPLE_SIZE = "meta-analysis weighted by sample size"
_STDERR = "meta-analysis weighted by inverse variance"
_FREQUENCIES = "allele frequencies"
_CUSTOM = "custom variables"
_POSITIONS = "chromosomes and positions"
_STRAND = "strand"
_CONTROL = "genomic control of input statistics"
_OVERLAP = "samples that studies share"
_ANALYSIS = "the analysis"
_RUN = "the script"

# In METAL's order: where an abbreviation fits two commands, the first one is meant.
COMMANDS = (
    CommandRule("ANALYZE", 2, "[HETEROGENEITY|RANDOM]", _ANALYSIS, "combine all files processed so far"),
    CommandRule("ANALYSE", 2, "[HETEROGENEITY|RANDOM]", _ANALYSIS, "the same"),
    CommandRule("CLEAR", 2, "", _ANALYSIS, "forget files, filters and custom variables"),
    CommandRule("REMOVEFILTERS", 3, "", _FILTERS, "forget the filters"),
    CommandRule("FLIP", 2, "", _INPUT, "turn all effects around, or no longer"),
    CommandRule("HELP", 1, "", _RUN, "show this text"),
    CommandRule("QUIT", 1, "", _RUN, "end"),
    CommandRule("EXIT", 2, "", _RUN, "the same"),
    CommandRule("RETURN", 3, "", _RUN, "leave this script"),
    CommandRule("COLUMNCOUNTING", 2, "STRICT|LENIENT", _INPUT, "whether rows of another length are left out"),
    CommandRule("CUSTOMVARIABLE", 2, "NAME", _CUSTOM, "add up a column over studies"),
    CommandRule("DEFAULTWEIGHT", 1, "NUMBER", _SAMPLE_SIZE, "sample size of a file without such a column"),
    CommandRule("WEIGHTLABEL", 1, "LABEL", _SAMPLE_SIZE, "column of sample sizes"),
    CommandRule("GENOMICCONTROL", 1, "ON|OFF|NUMBER|LIST [FILE]", _CONTROL, "LIST: lambda from these markers only"),
    CommandRule("LOGPVALUE", 1, "ON|OFF", _ANALYSIS, "write log10 of p-values"),
    CommandRule("USESTRAND", 4, "ON|OFF", _STRAND, "read alleles by the strand column"),
    CommandRule("VERBOSE", 1, "ON|OFF", _ANALYSIS, "show every row that is used"),
    CommandRule("AVERAGEFREQUENCY", 2, "ON|OFF", _FREQUENCIES, "columns Freq1 and FreqSE"),
    CommandRule("MINMAXFREQUENCY", 4, "ON|OFF", _FREQUENCIES, "columns MinFreq and MaxFreq"),
    CommandRule("MARKERLABEL", 3, "LABEL", _INPUT, "column of marker names"),
    CommandRule("MAXWARNINGS", 3, "NUMBER", _ANALYSIS, "warnings shown of each kind and file"),
    CommandRule("PVALUELABEL", 2, "LABEL", _SAMPLE_SIZE, "column of p-values"),
    CommandRule("EFFECTLABEL", 2, "LABEL|log(LABEL)", _INPUT, "column of effects; log() of odds ratios"),
    CommandRule("FREQLABEL", 2, "LABEL", _FREQUENCIES, "column of the first allele's frequency"),
    CommandRule("SOURCE", 2, "FILE", _RUN, "carry out another script"),
    CommandRule("STDERRLABEL", 3, "LABEL", _STDERR, "column of standard errors"),
    CommandRule("STRANDLABEL", 3, "LABEL", _STRAND, "column of strands"),
    CommandRule("CHROMOSOMELABEL", 3, "LABEL", _POSITIONS, "column of chromosomes"),
    CommandRule("POSITIONLABEL", 3, "LABEL", _POSITIONS, "column of positions"),
    CommandRule("SCHEME", 2, "SAMPLESIZE|STDERR", _ANALYSIS, "what effects are weighted by"),
    CommandRule("SEPARATOR", 2, "WHITESPACE|COMMAS|TABS|BOTH", _INPUT, "what is between columns"),
    CommandRule("PROCESSFILE", 2, "FILE", _ANALYSIS, "add a study"),
    CommandRule("MINWEIGHT", 4, "NUMBER", _SAMPLE_SIZE, "leave out markers with a smaller sum of weights"),
    CommandRule("OVERLAP", 1, "ON|OFF", _OVERLAP, "correct for them (SCHEME SAMPLESIZE)"),
    CommandRule("TRACKPOSITIONS", 1, "ON|OFF", _POSITIONS, "columns Chromosome and Position; leave out conflicts"),
    CommandRule("EFFECT_PRINT_PRECISION", 1, "NUMBER", _ANALYSIS, "decimals of Effect"),
    CommandRule("STDERR_PRINT_PRECISION", 1, "NUMBER", _ANALYSIS, "decimals of StdErr"),
    CommandRule("ZCUTOFF", 1, "NUMBER", _OVERLAP, "estimated from markers with a smaller |z|"),
    CommandRule("ALLELELABELS", 2, "LABEL1 LABEL2", _INPUT, "columns of the effect's allele and of the other one"),
    CommandRule("OUTFILE", 1, "PREFIX SUFFIX", _ANALYSIS, "results are PREFIX1SUFFIX, PREFIX2SUFFIX, ..."),
    CommandRule("ADDFILTER", 3, "LABEL CONDITION VALUE", _FILTERS, "keep rows: < > <= >= = != NUMBER, IN (A,B)"),
    CommandRule("LABEL", 1, "NAME AS LABEL", _CUSTOM, "column of a custom variable"),
)
_SAME = {"ANALYSE": "ANALYZE", "EXIT": "QUIT"}


@dataclass(frozen=True)
class Command:
    """One command of a script.

    Attributes
    ----------
    name : str
        In full, whatever abbreviation the script has.
    arguments : tuple of str
    where : str
        The script and the line; empty for what is typed.
    """

    name: str
    arguments: tuple[str, ...]
    where: str = ""

    def error(self, what: str) -> GwasmetaError:
        """Return the error that something is wrong with this command."""
        return _error(self.where, f"{' '.join((self.name, *self.arguments))}: {what}")


def understood(line: str, where: str = "") -> Command | None:
    """Return the command in a line of a script; None if the line is blank or a comment.

    Raises
    ------
    GwasmetaError
        If there is no such command, or it lacks arguments.
    """
    words = line.split()
    if not words or words[0].startswith("#"):
        return None
    rule = _rule_of(words[0], where)
    arguments = tuple(words[1:])
    if len(arguments) < rule.n_needed:
        raise _error(where, f"{line.strip()}: something is missing; write it as  {rule.name} {rule.arguments}")
    return Command(_SAME.get(rule.name, rule.name), arguments, where)


def _rule_of(word: str, where: str) -> CommandRule:
    fitting = [rule for rule in COMMANDS if rule.name.startswith(word.upper())]
    for rule in fitting:
        if len(word) >= rule.shortest:
            return rule
    if fitting:
        names = " or ".join(rule.name for rule in fitting)
        raise _error(where, f"{word}: too short an abbreviation; {names}?")
    close = difflib.get_close_matches(word.upper(), [rule.name for rule in COMMANDS], n=1)
    perhaps = f"; perhaps {close[0]}?" if close else ""
    raise _error(where, f"{word}: METAL has no such command{perhaps}\n  HELP lists the commands.")


def _error(where: str, message: str) -> GwasmetaError:
    return GwasmetaError(f"{where}: {message}" if where else message)


def script_lines(path: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a script, each with where it is.

    Raises
    ------
    GwasmetaError
        If the script cannot be read.
    """
    try:
        # Paths in it are the system's bytes, whatever their encoding.
        text = Path(path).read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise GwasmetaError(f"{path}: the script cannot be read: {error.strerror or error}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        yield f"{path}, line {number}", line
