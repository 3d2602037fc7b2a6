"""The words in which a tool's format is declared; data only, so that asking for the list loads no library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gwasmeta.sumstats.vocabulary import COLUMNS


@dataclass(frozen=True)
class RowSelector:
    """A condition that rows of a tool's table must satisfy to be about the effect of a variant.

    Parameters
    ----------
    word : str
        The header's word for the column that is looked at.
    values : tuple of str
        What is looked for; letter case does not matter.
    must : {"equal", "differ", "contain", "be given"}
        Whether the field must be one of the values, none of them, have the first of them (one character) in it, or
        be anything but a text that means "missing".
    rule, reason : str
        How the log calls the rows that are left out, and why they are.
    """

    word: str
    values: tuple[str, ...] = ()
    must: Literal["equal", "differ", "contain", "be given"] = "equal"
    rule: str = "row_of_another_test"
    reason: str = ""

    @property
    def explained(self) -> str:
        """Why rows are left out, for the log."""
        return self.reason or f"only rows with {' or '.join(self.values)} are wanted"


@dataclass(frozen=True)
class Derived:
    """A canonical column that is worked out from others.

    Parameters
    ----------
    column : str
        The canonical column.
    formula : str
        Name of an entry of `gwasmeta.sumstats.derived.FORMULAS`.
    inputs : tuple of str
        What the formula needs, in its order: canonical columns, or words of the header.
    argument : str
        What the formula is told besides, such as the place of a part in a text.
    instead : bool
        Whether it replaces a column of the file that says the same.
    """

    column: str
    formula: str
    inputs: tuple[str, ...]
    argument: str = ""
    instead: bool = False


@dataclass(frozen=True)
class SideFile:
    """A second file that a tool writes, with what its table of results lacks.

    Parameters
    ----------
    ending : str
        Of the file's name.
    columns : mapping of str to str
        Its words -> variant_id, allele_1, allele_2, allele_1_frequency, n_alleles.
    header : tuple of str
        Its words, for a file without a header.
    tells_effect_allele : bool
        Whether its first allele is the one that the tool tests.
    how : str
        How to obtain it, for who does not have it.
    """

    ending: str
    columns: Mapping[str, str]
    header: tuple[str, ...] = ()
    tells_effect_allele: bool = False
    how: str = ""


@dataclass(frozen=True)
class Dialect:
    """The header of one tool in words of the vocabulary.

    A word of the header is declared as it is spelled. ``{trait}`` in it stands for any text (where a header has
    several, the caller chooses one), ``{number}`` for digits.

    Parameters
    ----------
    name : str
        What a user writes after ``--dialect``.
    title : str
        The tool and the file, in one line.
    columns : mapping of str to str
        The tool's header word -> the canonical column. Where several words of a header mean the same column,
        the one declared first is read.
    signature : tuple of frozenset of str
        Alternatives; a header that has all words of one of them is recognised.
    source : str
        URL of the documentation of the format.
    effect_allele_rule : str
        Why the effect allele is where `columns` say it is, in one sentence.
    effect_scale : str
        What one unit of the effect is, in one sentence.
    missing_codes : mapping of str to tuple of float, optional
        Canonical column, or ``"*"`` for all of them -> numbers that mean "missing" there. The text markers
        (NA, ., nan, #NA, nothing) are missing in every dialect and not listed.
    keep_rows : tuple of RowSelector, optional
        Conditions that rows must satisfy, such as TEST being ADD; those without their column do not apply.
    other_allele_of : tuple of (str, str), optional
        Two header words; where no column names the other allele, it is the one of theirs that is not the
        effect allele.
    derived : tuple of Derived, optional
        How columns are worked out that the header does not have; the first whose inputs are there is used.
    header_numbers : mapping of str to str, optional
        Canonical sample count -> the word of the header that it is written in, as ``FRQ_A_{number}``.
    side_files : tuple of SideFile, optional
        Other files that give what is missing.
    tests_minor_allele : bool
        Whether the effect allele is the minor one unless the tool is told otherwise.
    build : str
        "GRCh37" or "GRCh38" where all files of this format have positions on it.
    case_sensitive : bool
        Whether words of the header must be spelled exactly as declared.
    nothing_else : bool
        Whether a header with any further word is not recognised: for a signature of words so common that
        other tools use them with another meaning.

    Raises
    ------
    ValueError
        If a column is mapped to a name outside the vocabulary: a slip of the programmer.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    signature: tuple[frozenset[str], ...]
    source: str
    effect_allele_rule: str = ""
    effect_scale: str = "units of the trait; log odds for a disease"
    missing_codes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    keep_rows: tuple[RowSelector, ...] = ()
    other_allele_of: tuple[str, str] | None = None
    derived: tuple[Derived, ...] = ()
    header_numbers: Mapping[str, str] = field(default_factory=dict)
    side_files: tuple[SideFile, ...] = ()
    tests_minor_allele: bool = False
    build: str = ""
    case_sensitive: bool = False
    nothing_else: bool = False

    def __post_init__(self) -> None:
        declared = {*self.columns.values(), *self.missing_codes, *self.header_numbers}
        unknown = (declared | {derived.column for derived in self.derived}) - set(COLUMNS) - {"*"}
        if unknown:
            raise ValueError(f"dialect {self.name}: {sorted(unknown)} are not in the vocabulary")


def words(*alternatives: str) -> tuple[frozenset[str], ...]:
    """Return signatures, each written as words with blanks between them."""
    return tuple(frozenset(alternative.split()) for alternative in alternatives)
