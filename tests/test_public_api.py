"""What `import gwasmeta` promises: its names, their documentation, and that it costs nothing."""

from __future__ import annotations

import doctest
import importlib
import importlib.metadata
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import gwasmeta

PACKAGE = Path(gwasmeta.__path__[0])
NAMES = [name for name in gwasmeta.__all__ if name != "__version__"]
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(gwasmeta, name))]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(gwasmeta, name))]
# Formulas that are defined for any numbers, and what takes nothing.
RAISES_NOTHING = {"effective_sample_size", "inflation_factor", "sex_differentiated", "sex_heterogeneity"}
RAISES_NOTHING |= {"example_ld_scores", "example_traits"}
HEAVY = ("numpy", "numba", "polars", "pandas", "matplotlib", "scipy")


def sections(docstring: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring by their titles; the summary's title is empty."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(docstring), flags=re.MULTILINE)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def described(section: str) -> set[str]:
    """Return the names that a section of parameters or attributes describes."""
    entries = re.findall(r"^(\*{0,2}\w.*?)(?: : .*)?$", section, flags=re.MULTILINE)
    return {name.lstrip("*") for entry in entries for name in entry.split(", ")}


def documentation(thing: Any) -> str:
    docstring = thing.__doc__
    assert docstring, f"{thing} has no docstring"
    return str(docstring)


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", gwasmeta.__all__)
def test_every_public_name_resolves_to_something_of_its_own_name(name: str) -> None:
    thing = getattr(gwasmeta, name)
    assert name == "__version__" or thing.__name__ == name
    assert getattr(gwasmeta, name) is thing


def test_all_is_sorted_complete_and_without_doubles() -> None:
    assert sorted(set(gwasmeta.__all__)) == sorted(gwasmeta.__all__)
    assert dir(gwasmeta) == sorted(gwasmeta.__all__)
    assert {*gwasmeta._WHERE, "GwasmetaError", "__version__"} == set(gwasmeta.__all__)
    assert {*FUNCTIONS, *CLASSES} == set(NAMES)


def test_a_name_that_is_not_there_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="module 'gwasmeta' has no attribute 'meta_analyse'"):
        gwasmeta.meta_analyse  # noqa: B018


def test_type_checkers_are_told_the_same_names() -> None:
    source = inspect.getsource(gwasmeta).split("if TYPE_CHECKING:")[1].split("_WHERE")[0]
    told = {
        name.strip(): module
        for module, names in re.findall(r"from (\S+) import (.+)", source)
        for name in names.split(",")
    }
    assert told == gwasmeta._WHERE


# --- documentation --------------------------------------------------------------------------------------


def has_a_summary(docstring: str) -> bool:
    first, _, rest = inspect.cleandoc(docstring).partition("\n")
    return first.endswith(".") and (not rest or rest.startswith("\n"))


@pytest.mark.parametrize("name", NAMES)
def test_every_docstring_begins_with_one_line_that_sums_it_up(name: str) -> None:
    assert has_a_summary(documentation(getattr(gwasmeta, name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_documents_its_parameters_its_result_and_its_errors(name: str) -> None:
    function = getattr(gwasmeta, name)
    parts = sections(documentation(function))
    assert "Returns" in parts
    assert ("Raises" in parts) == (name not in RAISES_NOTHING)
    assert described(parts.get("Parameters", "")) == set(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if getattr(gwasmeta, name).__module__.startswith("gwasmeta.stats.")]
)
def test_a_formula_names_its_source(name: str) -> None:
    assert re.search(r"\(\d{4}\)", sections(documentation(getattr(gwasmeta, name)))["References"])


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_documents_what_it_holds(name: str) -> None:
    cls = getattr(gwasmeta, name)
    parts = sections(documentation(cls))
    known = described(parts.get("Parameters", "")) | described(parts.get("Attributes", ""))
    fields = {field for field in getattr(cls, "__dataclass_fields__", {}) if not field.startswith("_")}
    assert fields <= known


PUBLIC_METHODS = [
    pytest.param(member, id=f"{name}.{attribute}")
    for name in CLASSES
    for attribute, member in vars(getattr(gwasmeta, name)).items()
    if inspect.isfunction(member) and not attribute.startswith("_")
]


@pytest.mark.parametrize("method", PUBLIC_METHODS)
def test_a_method_documents_its_parameters(method: Any) -> None:
    docstring = documentation(method)
    assert has_a_summary(docstring)
    parameters = set(inspect.signature(method).parameters) - {"self"}
    assert described(sections(docstring).get("Parameters", "")) == parameters


# --- what an import costs -------------------------------------------------------------------------------


def in_a_new_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)


def test_importing_the_package_loads_nothing_heavy() -> None:
    report = in_a_new_process("-X", "importtime", "-c", "import gwasmeta").stderr
    loaded = {line.rpartition("|")[2].strip() for line in report.splitlines()}
    assert {"gwasmeta", "gwasmeta.errors"} <= loaded  # the report is what it is taken for
    assert not {name.partition(".")[0] for name in loaded} & set(HEAVY)


def test_asking_for_the_names_and_the_version_loads_nothing_heavy() -> None:
    program = f"import sys, gwasmeta; dir(gwasmeta); gwasmeta.__version__; print({{*{HEAVY}}} & {{*sys.modules}})"
    assert in_a_new_process("-c", program).stdout.strip() == "set()"


# --- version --------------------------------------------------------------------------------------------


def test_the_version_is_the_one_that_was_installed() -> None:
    assert gwasmeta.__version__ == importlib.metadata.version("gwasmeta")
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+|\.dev\d+)?", gwasmeta.__version__)


def test_the_command_tells_the_same_version() -> None:
    assert gwasmeta.__version__ in in_a_new_process("-m", "gwasmeta", "--version").stdout


# --- examples in docstrings -----------------------------------------------------------------------------


def modules_with_examples() -> list[str]:
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")]
    names = [".".join(("gwasmeta", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in files]
    return [name.removesuffix(".__init__") for name in names]


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(module) if test.examples]


def test_there_are_examples_to_run() -> None:
    assert {"gwasmeta", "gwasmeta.meta.analyze"} <= set(modules_with_examples())


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_in_docstrings_do_what_they_say(name: str) -> None:
    found = examples(importlib.import_module(name))
    assert found
    report: list[str] = []
    for test in found:
        runner = doctest.DocTestRunner()
        runner.run(test, out=report.append)
        assert runner.summarize(verbose=False).failed == 0, "".join(report)
