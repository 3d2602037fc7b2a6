"""Conditions on rows, as a user writes them: "info >= 0.8 and 0.01 < eaf < 0.99".

The text is parsed by Python's own parser and every node of the result is checked against a short list of what a
filter may contain; nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

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
_DEEPEST = 50  # levels of nesting; far beyond this, the recursion here and in Polars would overflow


@dataclass(frozen=True)
class _Column:
    name: str


@dataclass(frozen=True)
class _Operation:
    name: str
    arguments: tuple[_Node, ...]


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
        return _expression(self._condition).fill_null(False)


def parse_filter(text: str) -> RowFilter:
    """Understand a condition on rows.

    It may have names of columns (canonical ones, the aliases eaf, se, p, chr, pos, id, snp and maf, or words of
    the file's header; between backquotes where they have odd characters, or where an alias is not meant),
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
_MISSING_WORDS = frozenset({"na", "nan", "null", "none"})


class _Parser:
    """Turns the text of a filter into operations, and collects the columns they are about."""

    def __init__(self, text: str) -> None:
        self.names: dict[str, None] = {}  # an ordered set
        self.text_names: set[str] = set()
        self._text = text
        self._depth = 0
        if len(text) > _LONGEST:
            self._fail(0, f"it has {len(text)} characters, and {_LONGEST} are the most")
        self._quoted: dict[int, str] = {}  # place -> name between backquotes
        self._source = self._without_backquotes()

    # --- from the text to Python's tree ---

    def _without_backquotes(self) -> str:
        """Return the text as Python can parse it, every character in its place; `_quoted` keeps the names."""
        pieces = []
        for start, piece, kind in self._pieces():
            if kind == "name":
                around = self._text[start - 1 : start] + self._text[start + len(piece) : start + len(piece) + 1]
                if len(piece) < 3 or re.search(r"\w", around):
                    self._fail(start, "a name between backquotes stands alone and is not empty")
                self._quoted[start] = piece[1:-1]
                pieces.append("_" * len(piece))
                continue
            stray = _NOT_OURS.search(piece) if kind == "plain" else None
            if stray:
                self._fail(start + stray.start(), f"{stray[0]} has no meaning in a filter", _INSTEAD[stray[0]])
            pieces.append(piece)
        return "".join(pieces)

    def _pieces(self) -> Iterator[tuple[int, str, str]]:
        """Cut the text into names between backquotes, quoted text, and what is between them."""
        start = 0
        while start < len(self._text):
            quote = re.compile(r"[`'\"]").search(self._text, start)
            begin = quote.start() if quote else len(self._text)
            if begin > start:
                yield start, self._text[start:begin], "plain"
            if quote is None:
                return
            end = self._text.find(quote[0], begin + 1)
            if end < 0:
                self._fail(begin, f"the {quote[0]} that opens here is never closed")
            start = end + 1
            yield begin, self._text[begin:start], "name" if quote[0] == "`" else "text"

    def tree(self) -> ast.expr:
        """Parse the text as one Python expression."""
        if not self._text:
            self._fail(0, "it is empty")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # such as for 1if, which Python is about to forbid
                return ast.parse(self._source, mode="eval").body
        except (RecursionError, MemoryError):
            self._fail(0, "it is nested too deeply")
        except SyntaxError as error:
            place = (error.offset or 1) - 1
        except ValueError:  # such as a number of 5,000 digits
            place = 0
        plain = "".join(
            piece if kind == "plain" else "_" * len(piece) for _, piece, kind in self._pieces()
        )  # so that no word inside quotes is taken for one of the filter
        as_name = _OR_AS_NAME.search(plain)
        if as_name:
            place = as_name.start() + as_name[0].index("or")
            self._fail(place, "or joins two conditions", "the column of odds ratios is odds_ratio")
        self._fail(place, "here", "a name with odd characters stands between backquotes, such as `p.value`")

    # --- from Python's tree to operations ---

    def condition(self, node: ast.expr) -> _Operation:
        """Check a node that must be true or false for a row."""
        with self._deeper(node):
            match node:
                case ast.BoolOp(op=op, values=values):
                    name = "and" if isinstance(op, ast.And) else "or"
                    return _Operation(name, tuple(self.condition(value) for value in values))
                case ast.UnaryOp(op=ast.Not(), operand=operand):
                    return _Operation("not", (self.condition(operand),))
                case ast.Compare(left=left, ops=ops, comparators=comparators):
                    operands = [left, *comparators]
                    pairs = [
                        self._comparison(first, op, second)
                        for (first, second), op in zip(pairwise(operands), ops, strict=True)
                    ]
                    return pairs[0] if len(pairs) == 1 else _Operation("and", tuple(pairs))
                case ast.Name() | ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Call():
                    self.number(node)  # says what is wrong within it, if anything is
                    self._fail(self._place(node), "this is no condition", "compare it, as in  info > 0.8")
        self._not_understood(node)

    def number(self, node: ast.expr) -> _Node:
        """Check a node that must be a number."""
        with self._deeper(node):
            match node:
                case ast.Constant():
                    return self._constant_number(node)
                case ast.Name():
                    return self._number_column(node)
                case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                    value = self.number(operand)
                    return value if isinstance(sign, ast.UAdd) else self._operation(node, "negative", value)
                case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
                    both = self.number(left), self.number(right)
                    return self._operation(node, _ARITHMETIC[type(op)], *both)
                case ast.BinOp():
                    known = " ".join(_ARITHMETIC.values())
                    self._fail(self._place(node), "an operator in this is not known", f"known are {known}")
                case ast.Call():
                    return self._call(node)
                case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                    self._fail(self._place(node), "a number is needed, and this is a condition")
        self._not_understood(node)

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> _Operation:
        if isinstance(op, ast.Is | ast.IsNot):
            self._fail(self._place(right), "is and is not have no meaning in a filter", "write == or !=")
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
            self._fail(self._place(left), "this compares two numbers and names no column")
        return _Operation(name, (first, second))

    def _text_equality(self, left: ast.expr, right: ast.expr) -> _Operation | None:
        """Return the comparison if it is one of text; None if it is one of numbers."""
        sides = (left, right)
        if not any(_is_text(side) or self._is_text_column(side) for side in sides):
            return None
        columns = [side for side in sides if isinstance(side, ast.Name)]
        if not columns:
            self._fail(self._place(left), "text is compared, but with no column", "name the column")
        return _Operation("same text", tuple(self._text_operand(side) for side in sides))

    def _text_operand(self, node: ast.expr) -> _Node:
        if isinstance(node, ast.Name):
            return self._text_column(node)
        if _is_text(node):
            return str(ast.literal_eval(node))
        value = self.number(node)  # chr == 6: the column is text, so 6 is
        if not isinstance(value, float):
            self._fail(self._place(node), "text is compared with what is none", "compare it with text in quotes")
        return f"{value:.15g}"

    def _membership(self, left: ast.expr, right: ast.expr) -> _Operation:
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            self._fail(self._place(right), "in needs a list of values", "such as  chr in [21, 22, 'X']")
        if isinstance(left, ast.Name) and (
            self._is_text_column(left) or any(_is_text(element) for element in right.elts)
        ):
            elements = [self._text_operand(element) for element in right.elts if self._is_value(element)]
            return _Operation("text in", (self._text_column(left), *elements))
        subject = self.number(left)
        values = [self.number(element) for element in right.elts if self._is_value(element)]
        if isinstance(subject, float):
            self._fail(self._place(left), "this names no column")
        return _Operation("number in", (subject, *values))

    def _is_value(self, node: ast.expr) -> bool:
        if any(isinstance(part, ast.Name) for part in ast.walk(node)):
            self._fail(self._place(node), "a list has values, not columns", "put text between quotes")
        return True

    def _constant_number(self, node: ast.Constant) -> float:
        place = self._place(node)
        if isinstance(node.value, str):
            self._fail(
                place,
                "text stands where a number is needed",
                "text is compared by ==, != and in; the name of a column stands between backquotes, not quotes",
            )
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self._not_understood(node)
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if math.isinf(value):
            self._fail(place, "this number is too large")
        written = self._written(node).lower()
        if value == 0 and re.search(r"[1-9]", written.split("e")[0]):
            hint = "compare neg_log_10_p_value, as in  neg_log_10_p_value > 400"
            self._fail(place, "this number is so small that the computer takes it for 0", hint)
        return value

    def _call(self, node: ast.Call) -> _Node:
        function = node.func
        if not isinstance(function, ast.Name) or self._place(function) in self._quoted:
            self._not_understood(node)
        if function.id not in _FUNCTIONS:
            known = f"known are {', '.join(_FUNCTIONS)}"
            self._fail(self._place(node), f"there is no function {function.id}", known)
        if node.keywords:
            self._not_understood(node)
        several = function.id in {"min", "max"}
        if len(node.args) < 2 if several else len(node.args) != 1:
            wanted = "two values or more" if several else "one value"
            self._fail(self._place(node), f"{function.id} needs {wanted}")
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
            self._fail(self._place(node), "this has no value, or one too large")
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
            self._fail(place, "a filter cannot ask for missing values", hint)
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
            self._fail(self._place(node), f"{name} is text, and a number is needed", hint)
        self.names.setdefault(name)
        return _Column(name)

    def _text_column(self, node: ast.Name) -> _Column:
        name = self._column_name(node)
        if name in NUMBER_COLUMNS or (name == "maf" and self._place(node) not in self._quoted):
            self._fail(self._place(node), f"{name} is a number, and text is compared with it")
        self.names.setdefault(name)
        self.text_names.add(name)
        return _Column(name)

    # --- places and errors ---

    def _deeper(self, node: ast.expr) -> _Parser:
        if self._depth >= _DEEPEST:
            self._fail(self._place(node), f"it is nested too deeply: {_DEEPEST} levels are the most")
        return self

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1

    def _place(self, node: ast.expr) -> int:
        """Return where a node begins; Python counts bytes, a caret needs characters."""
        return len(self._source.encode()[: node.col_offset].decode())

    def _written(self, node: ast.expr) -> str:
        return self._text[self._place(node) :][: len(ast.get_source_segment(self._source, node) or "")]

    def _not_understood(self, node: ast.expr) -> NoReturn:
        if isinstance(node, ast.Attribute):
            hint = f"a name with odd characters stands between backquotes: `{self._written(node)}`"
            self._fail(self._place(node), "a dot is no part of a plain name", hint)
        self._fail(self._place(node), "this is no part of what a filter can say")

    def _fail(self, place: int, what: str, hint: str = "") -> NoReturn:
        first = max(0, place - 60)  # of a long text, what is around the place
        shown = self._text[first : first + 100]
        raise GwasmetaError(
            f"filter not understood: {what}{f' ({hint})' if hint else ''}\n"
            f"    {shown}\n"
            f"    {' ' * (place - first)}^\n"
            f"  A right filter:  {_EXAMPLE}"
        )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# --- from operations to Polars --------------------------------------------------------------------------


def _expression(node: _Node) -> pl.Expr:
    """Return a node as an expression that is null wherever a value it depends on is missing or undefined."""
    import polars as pl

    match node:
        case float() | str():
            return pl.lit(node)
        case _Column(name=name):
            # In Polars, NaN equals itself and exceeds every number: as a null it takes part in nothing.
            return pl.col(name).cast(pl.Float64, strict=False).fill_nan(None)
        case _Operation(name="same text" | "text in", arguments=arguments):
            return _text_comparison(arguments)
        case _Operation(name="number in", arguments=(subject, *values)):
            return _expression(subject).is_in(values)
        case _Operation(name=name, arguments=arguments):
            operands = [_expression(argument) for argument in arguments]
            if name in _CONDITIONS:
                return _CONDITIONS[name](operands)
            return _calculation(name, operands).fill_nan(None)
