"""Conditions on rows, as a user writes them: "info >= 0.8 and 0.01 < eaf < 0.99".

The text is parsed by Python's own parser and every node of the result is checked against a short list of what
a filter may contain; nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.vocabulary import NUMBER_COLUMNS, TEXT_COLUMNS

if TYPE_CHECKING:
    import polars as pl

ALIASES: Final[dict[str, str]] = {
    "eaf": "effect_allele_frequency",
    "se": "standard_error",
    "p": "p_value",
    "chr": "chromosome",
    "pos": "base_pair_location",
    "id": "variant_id",
    "snp": "variant_id",
}

_EXAMPLE = "info >= 0.8 and 0.01 < eaf < 0.99 and chr not in ['X', 'Y']"
_LONGEST = 10_000  # characters
_DEEPEST = 50  # levels of nesting: what recurses over them, here and in Polars, stays far from an overflow


@dataclass(frozen=True)
class _Column:
    name: str


@dataclass(frozen=True)
class _Operation:
    name: str
    arguments: tuple[_Node, ...]


_Array: TypeAlias = npt.NDArray[np.float64]
_Node: TypeAlias = float | str | _Column | _Operation


@dataclass(frozen=True)
class RowFilter:
    """A condition that rows must satisfy to be kept; made by `parse_filter`.

    Attributes
    ----------
    text : str
        The condition as the user wrote it.
    names : tuple of str
        The columns it is about, in order of appearance: canonical names, or words of the file's header.
    text_names : frozenset of str
        Those of them that are compared as text.
    """

    text: str
    names: tuple[str, ...]
    text_names: frozenset[str]
    _condition: _Operation = field(repr=False)

    def expression(self) -> pl.Expr:
        """Return the condition over columns called `names`; true or false for every row, never null.

        A missing value (null or NaN) satisfies no comparison, nor the negation of one: where it is decisive,
        the row does not satisfy the filter.
        """
        return _condition(self._condition).fill_null(False)


def parse_filter(text: str) -> RowFilter:
    """Understand a condition on rows.

    It may have names of columns (canonical ones, the aliases eaf, se, p, chr, pos, id, snp and maf, or words
    of the file's header; between backquotes where they have odd characters, or where an alias is not meant),
    numbers, text in quotes, ``< <= > >= == !=`` (also chained), ``in`` and ``not in`` a list, ``and or not``,
    parentheses, ``+ - * / **`` and the functions min, max, abs, log, log10, sqrt and exp.

    Parameters
    ----------
    text : str
        Such as ``"info >= 0.8 and 0.01 < eaf < 0.99"``.

    Returns
    -------
    RowFilter

    Raises
    ------
    GwasmetaError
        If the text is anything else; the message points at the place.
    """
    line = re.sub(r"\s", " ", text).strip()
    parser = _Parser(line)
    condition = parser.condition(parser.tree())
    return RowFilter(line, tuple(parser.names), frozenset(parser.text_names), condition)


# --- what a filter may contain ------------------------------------------------------------------------

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_FUNCTIONS = ("min", "max", "abs", "log", "log10", "sqrt", "exp")

# On numbers. With Python's own integers and `**`, 9**9**9**9 would never end.
_ON_NUMBERS: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": math.pow,
    "negative": operator.neg,
    "min": min,
    "max": max,
    "abs": abs,
    "log": math.log,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "exp": math.exp,
}

_ON_EXPRESSIONS: dict[str, Callable[..., pl.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

_ON_ARRAYS: dict[str, Callable[[_Array, _Array], _Array]] = {
    "min": np.minimum,
    "max": np.maximum,
    "**": np.power,
}

_INSTEAD = {
    "&&": "write and",
    "||": "write or",
    "&": "write and",
    "|": "write or",
    "~": "write not",
    "!": "write not",
    "<>": "write !=",
    "=": "write ==",
    "#": "put a name with odd characters between backquotes",
    "\\": "put a name with odd characters between backquotes",
}
_NOT_OURS = re.compile(r"&&|\|\||<>|[&|~#\\]|!(?!=)|(?<![=<>!:])=(?!=)")
_OR_AS_NAME = re.compile(r"\bor\s*(?:[<>=!*/)]|in\b|not\b|$)|(?:^|[(,<>=*/]|\b(?:and|or|not)\b)\s*\bor\b")
_QUOTE = re.compile(r"[`'\"]")
_MISSING_WORDS = frozenset({"na", "nan", "null", "none"})


class _Parser:
    """Turns the text of a filter into operations, and collects the columns they are about."""

    def __init__(self, text: str) -> None:
        self.names: dict[str, None] = {}  # an ordered set
        self.text_names: set[str] = set()
        self._text = text
        if len(text) > _LONGEST:
            raise self._error(0, f"it has {len(text)} characters, and {_LONGEST} are the most")
        for place, letter in enumerate(text):
            if not letter.isprintable():
                raise self._error(place, f"it has an unprintable character, {letter!a}")
        self._quoted: dict[int, str] = {}  # place -> name between backquotes
        self._source = self._without_backquotes()
        self._characters = _characters_of_bytes(self._source)

    # --- from the text to Python's tree ---

    def _without_backquotes(self) -> str:
        """Return the text as Python can parse it, every character in its place; `_quoted` keeps the names."""
        parts = []
        for start, piece, kind in self._pieces():
            end = start + len(piece)
            if kind == "plain":
                stray = _NOT_OURS.search(piece)
                if stray:
                    what = f"{stray[0]} has no meaning in a filter"
                    raise self._error(start + stray.start(), what, _INSTEAD[stray[0]])
            elif re.search(r"\w", self._text[max(0, start - 1) : start] + self._text[end : end + 1]):
                raise self._error(start, f"{piece} touches what is before or after it")
            elif kind == "name":
                if not piece[1:-1]:
                    raise self._error(start, "there is no name between the backquotes")
                self._quoted[start] = piece[1:-1]
                piece = "_" * len(piece)
            parts.append(piece)
        return "".join(parts)

    def _pieces(self) -> Iterator[tuple[int, str, str]]:
        """Cut the text into names between backquotes, quoted text, and what is between them."""
        start = 0
        while start < len(self._text):
            quote = _QUOTE.search(self._text, start)
            begin = quote.start() if quote else len(self._text)
            if begin > start:
                yield start, self._text[start:begin], "plain"
            if quote is None:
                return
            end = self._text.find(quote[0], begin + 1)
            if end < 0:
                raise self._error(begin, f"the {quote[0]} that opens here is never closed")
            start = end + 1
            yield begin, self._text[begin:start], "name" if quote[0] == "`" else "text"

    def tree(self) -> ast.expr:
        """Parse the text as one Python expression."""
        if not self._text:
            raise self._error(0, "it is empty")
        place = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # such as for 1if, which Python is about to forbid
                tree = ast.parse(self._source, mode="eval").body
        except (RecursionError, MemoryError):
            raise self._error(0, "it is nested too deeply") from None
        except SyntaxError as error:
            if "nested" in error.msg:
                raise self._error(0, "it is nested too deeply") from None
            place = min((error.offset or 1) - 1, len(self._text))
        except ValueError:  # such as a number of 5,000 digits
            pass
        else:
            self._demand_shallow(tree)
            return tree
        raise self._syntax_error(place)

    def _syntax_error(self, place: int) -> GwasmetaError:
        """Describe what Python cannot parse, by the slips that people make."""
        # No word inside quotes is to be taken for one of the filter.
        plain = "".join(piece if kind == "plain" else "_" * len(piece) for _, piece, kind in self._pieces())
        capital = re.search(r"(?:^|\s)(AND|OR|NOT|IN)(?=[\s(])", plain)
        if capital:
            return self._error(capital.start(1), f"{capital[1]} is written {capital[1].lower()}")
        as_name = _OR_AS_NAME.search(plain)
        if as_name:
            place = as_name.start() + as_name[0].rindex("or")
            return self._error(place, "or joins two conditions", "the column of odds ratios is odds_ratio")
        hint = "a name with odd characters stands between backquotes, such as `p.value`"
        return self._error(place, "no filter is written like this", hint)

    def _demand_shallow(self, tree: ast.expr) -> None:
        level: list[ast.AST] = [tree]
        for _ in range(_DEEPEST):
            level = [child for node in level for child in ast.iter_child_nodes(node)]
        if level:
            raise self._error(0, f"it is nested too deeply, or too long a chain: {_DEEPEST} levels are the most")

    # --- from Python's tree to operations ---

    def condition(self, node: ast.expr) -> _Operation:
        """Check a node that must be true or false for a row."""
        match node:
            case ast.BoolOp(op=op, values=values):
                name = "and" if isinstance(op, ast.And) else "or"
                return _Operation(name, tuple(self.condition(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _Operation("not", (self.condition(operand),))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                pairs = pairwise([left, *comparators])
                links = [self._comparison(*pair, op) for pair, op in zip(pairs, ops, strict=True)]
                return links[0] if len(links) == 1 else _Operation("and", tuple(links))
        self.number(node)  # says what is wrong within it, if anything is
        raise self._error(self._place(node), "this is no condition", "compare it, as in  info > 0.8")

    def number(self, node: ast.expr) -> _Node:
        """Check a node that must be a number."""
        match node:
            case ast.Constant():
                return self._constant_number(node)
            case ast.Name():
                return self._number_column(node)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.number(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._operation(node, "negative", self.number(operand))
            case ast.BinOp(op=op, left=left, right=right):
                if type(op) not in _ARITHMETIC:
                    known = f"known are {' '.join(_ARITHMETIC.values())}"
                    raise self._error(self._place(right), "the operator before this is not known", known)
                return self._operation(node, _ARITHMETIC[type(op)], self.number(left), self.number(right))
            case ast.Call():
                return self._call(node)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self._error(self._place(node), "a number is needed, and this is a condition")
        raise self._not_understood(node)

    def _comparison(self, left: ast.expr, right: ast.expr, op: ast.cmpop) -> _Operation:
        if isinstance(op, ast.Is | ast.IsNot):
            raise self._error(self._place(right), "is and is not have no meaning in a filter", "write == or !=")
        if isinstance(op, ast.In | ast.NotIn):
            found = self._membership(left, right)
            return found if isinstance(op, ast.In) else _Operation("not", (found,))
        name = _COMPARISONS[type(op)]
        if name in {"==", "!="}:
            as_text = self._text_equality(left, right)
            if as_text is not None:
                return as_text if name == "==" else _Operation("not", (as_text,))
        first, second = self.number(left), self.number(right)
        if isinstance(first, float) and isinstance(second, float):
            raise self._error(self._place(left), "this compares two numbers and names no column")
        return _Operation(name, (first, second))

    def _text_equality(self, left: ast.expr, right: ast.expr) -> _Operation | None:
        """Return the comparison if it is one of text; None if it is one of numbers."""
        sides = (left, right)
        if not any(_is_text(side) or self._is_text_column(side) for side in sides):
            return None
        columns = [side for side in sides if isinstance(side, ast.Name)]
        if not columns:
            raise self._error(self._place(left), "text is compared, but with no column", "name the column")
        return _Operation("same text", tuple(self._text_operand(side) for side in sides))

    def _text_operand(self, node: ast.expr) -> _Node:
        if isinstance(node, ast.Name):
            return self._text_column(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value != self._written(node)[1:-1]:  # Python joins 'A' 'T', and knows escapes
                raise self._error(self._place(node), "this is no plain text in quotes", "is a comma missing?")
            return node.value
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return str(node.value)  # chr == 6: the column is text, so 6 is
        raise self._error(self._place(node), "text is compared with what is none", "compare it with text in quotes")

    def _membership(self, left: ast.expr, right: ast.expr) -> _Operation:
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise self._error(self._place(right), "in needs a list of values", "such as  chr in [21, 22, 'X']")
        for element in right.elts:
            if any(isinstance(part, ast.Name) for part in ast.walk(element)):
                raise self._error(self._place(element), "a list has values, not columns", "put text in quotes")
        of_text = any(_is_text(element) for element in right.elts)
        if isinstance(left, ast.Name) and (of_text or self._is_text_column(left)):
            elements = [self._text_operand(element) for element in right.elts]
            return _Operation("text in", (self._text_column(left), *elements))
        subject = self.number(left)
        if isinstance(subject, float):
            raise self._error(self._place(left), "this names no column")
        return _Operation("number in", (subject, *(self.number(element) for element in right.elts)))

    def _constant_number(self, node: ast.Constant) -> float:
        place = self._place(node)
        if isinstance(node.value, str):
            hint = "text is compared by ==, != and in; the name of a column stands between backquotes"
            raise self._error(place, "text stands where a number is needed", hint)
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self._not_understood(node)
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if math.isinf(value):
            raise self._error(place, "this number is too large")
        written = self._written(node).lower()
        if value == 0 and re.search(r"[1-9]", written.split("e")[0]):
            hint = "compare neg_log_10_p_value, as in  neg_log_10_p_value > 400"
            raise self._error(place, "this number is so small that the computer takes it for 0", hint)
        return value

    def _call(self, node: ast.Call) -> _Node:
        function = node.func
        if not isinstance(function, ast.Name) or self._place(function) in self._quoted:
            raise self._not_understood(node)
        if function.id not in _FUNCTIONS:
            known = f"known are {', '.join(_FUNCTIONS)}"
            raise self._error(self._place(node), f"there is no function {function.id}", known)
        if node.keywords:
            raise self._not_understood(node)
        several = function.id in {"min", "max"}
        if len(node.args) < 2 if several else len(node.args) != 1:
            wanted = "two values or more" if several else "one value"
            raise self._error(self._place(node), f"{function.id} needs {wanted}")
        return self._operation(node, function.id, *(self.number(argument) for argument in node.args))

    def _operation(self, node: ast.expr, name: str, *arguments: _Node) -> _Node:
        """Return the operation; its value, if it is one of numbers alone."""
        values = [argument for argument in arguments if isinstance(argument, float)]
        if len(values) < len(arguments):
            return _Operation(name, arguments)
        try:
            value = float(_ON_NUMBERS[name](*values))
        except (ArithmeticError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise self._error(self._place(node), "this has no value, or one too large")
        return value

    # --- columns ---

    def _column_name(self, node: ast.Name) -> str:
        """Return what a name stands for; a canonical name is always the canonical column."""
        place = self._place(node)
        if place in self._quoted:
            return self._quoted[place]
        name = self._written(node)  # not node.id, in which Python may have replaced letters by similar ones
        if name.casefold() in _MISSING_WORDS:
            hint = "a row where a value is missing is left out by any comparison with it"
            raise self._error(place, "a filter cannot ask for missing values", hint)
        return ALIASES.get(name, name)

    def _is_text_column(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and self._column_name(node) in TEXT_COLUMNS

    def _number_column(self, node: ast.Name) -> _Node:
        name = self._column_name(node)
        if name == "maf" and self._place(node) not in self._quoted:
            frequency = _Column("effect_allele_frequency")
            self.names.setdefault(frequency.name)
            return _Operation("min", (frequency, _Operation("-", (1.0, frequency))))
        if name in TEXT_COLUMNS and name != "chromosome":
            hint = "text is compared by ==, != and in, as in  effect_allele in ['A', 'T']"
            raise self._error(self._place(node), f"{name} is text, and a number is needed", hint)
        self.names.setdefault(name)
        return _Column(name)

    def _text_column(self, node: ast.Name) -> _Column:
        name = self._column_name(node)
        if name in NUMBER_COLUMNS or (name == "maf" and self._place(node) not in self._quoted):
            raise self._error(self._place(node), f"{name} is a number, and text is compared with it")
        self.names.setdefault(name)
        self.text_names.add(name)
        return _Column(name)

    # --- places and errors ---

    def _place(self, node: ast.expr) -> int:
        """Return where a node begins, in characters."""
        return self._characters[node.col_offset]

    def _written(self, node: ast.expr) -> str:
        assert node.end_col_offset is not None
        return self._text[self._characters[node.col_offset] : self._characters[node.end_col_offset]]

    def _not_understood(self, node: ast.expr) -> GwasmetaError:
        if isinstance(node, ast.Attribute):
            hint = f"a name with odd characters stands between backquotes: `{self._written(node)}`"
            return self._error(self._place(node), "a dot is no part of a plain name", hint)
        return self._error(self._place(node), "this is no part of what a filter can say")

    def _error(self, place: int, what: str, hint: str = "") -> GwasmetaError:
        first = max(0, place - 60)  # of a long text, what is around the place
        shown = "".join(letter if letter.isprintable() else "?" for letter in self._text[first : first + 100])
        return GwasmetaError(
            f"filter not understood: {what}{f' ({hint})' if hint else ''}\n"
            f"    {shown}\n"
            f"    {' ' * (place - first)}^\n"
            f"  A right filter:  {_EXAMPLE}"
        )


def _characters_of_bytes(text: str) -> list[int]:
    """Return, for each byte of a text in UTF-8 and for its end, which character it belongs to.

    Python says where a node is in bytes; a caret needs characters.
    """
    lengths = (len(letter.encode()) for letter in text)
    return [place for place, length in enumerate(lengths) for _ in range(length)] + [len(text)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# --- from operations to Polars ------------------------------------------------------------------------


def _condition(node: _Node) -> pl.Expr:
    """Return a condition as an expression that is null where a missing or undefined value decides."""
    import polars as pl

    assert isinstance(node, _Operation)
    match node.name, node.arguments:
        case "and", parts:
            return pl.all_horizontal([_condition(part) for part in parts])
        case "or", parts:
            return pl.any_horizontal([_condition(part) for part in parts])
        case "not", (part,):
            return _condition(part).not_()
        case "same text", (first, second):
            return _text(first) == _text(second)
        case "text in", (subject, *values):
            return _text(subject).is_in(values)
        case "number in", (subject, *values):
            return _comparable(subject).is_in(values)
    compare: Callable[[pl.Expr, pl.Expr], pl.Expr] = _ON_EXPRESSIONS[node.name]
    return compare(*(_comparable(argument) for argument in node.arguments))


def _comparable(node: _Node) -> pl.Expr:
    """Return a number as an expression without NaN: in Polars, NaN equals itself and exceeds every number."""
    # Once a comparison, not at each step of the calculation: fill_nan repeats its operand three times.
    return _number(node) if isinstance(node, float) else _number(node).fill_nan(None)


def _number(node: _Node) -> pl.Expr:
    """Return a number as an expression that is null or NaN where it is missing; both go through a calculation."""
    import polars as pl

    if isinstance(node, _Column):
        return pl.col(node.name).cast(pl.Float64, strict=False)
    if not isinstance(node, _Operation):
        return pl.lit(node, dtype=pl.Float64)
    operands = [_number(argument) for argument in node.arguments]
    match node.name:
        case "min" | "max" | "**":
            # Polars' own leave a missing value out, as pow does where the result is 1 for any number.
            calculation = partial(_where_known, _ON_ARRAYS[node.name])
            return pl.map_batches(operands, calculation, return_dtype=pl.Float64)
        case "negative":
            return -operands[0]
        case "abs" | "log" | "log10" | "sqrt" | "exp":
            function: Callable[[], pl.Expr] = getattr(operands[0], node.name)
            return function()
    calculate: Callable[[pl.Expr, pl.Expr], pl.Expr] = _ON_EXPRESSIONS[node.name]
    return calculate(*operands)


def _where_known(function: Callable[[_Array, _Array], _Array], columns: Sequence[pl.Series]) -> pl.Series:
    """Apply a function of two numbers row by row, from left to right; NaN where a value is missing."""
    import polars as pl

    arrays = [column.to_numpy() for column in columns]  # a null becomes NaN
    with np.errstate(all="ignore"):
        values = reduce(function, arrays)
        unknown = reduce(np.logical_or, [np.isnan(array) for array in arrays])
    return pl.Series(np.where(unknown, np.nan, values))


def _text(node: _Node) -> pl.Expr:
    import polars as pl

    return pl.col(node.name).cast(pl.String) if isinstance(node, _Column) else pl.lit(node)
