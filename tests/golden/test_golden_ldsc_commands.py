"""The command lines of LDSC 1.0.1's golden runs, through `gwasmeta munge` and `gwasmeta ldsc`."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from golden_ldsc import GOLDEN, PANEL
from golden_mtag import manifest
from numpy.testing import assert_allclose
from test_golden_ldsc import (
    CORRELATION_RUNS,
    EXACT,
    FAILED_RUNS,
    HERITABILITY_RUNS,
    LOGS_OF_CORRELATION,
    LOGS_OF_HERITABILITY,
    _golden_mtag,  # noqa: F401 - a fixture of these tests too
    factors_of,
    options_of,
)

from gwasmeta import cli

_MADE_OF_A_LOST_LIST = "work/hm3.snplist"  # the same output was made again from a list that is kept


def commands(program: str) -> dict[str, list[str]]:
    """Return the words of each run of a program, by its --out."""
    lines = [shlex.split(line) for line in (GOLDEN / "ldsc" / "commands.txt").read_text().splitlines()]
    return {
        words[words.index("--out") + 1].removeprefix("ldsc/"): words[1:]
        for words in lines
        if words[0] == program and _MADE_OF_A_LOST_LIST not in words
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, _golden_mtag: None) -> Any:  # noqa: F811
    """A folder laid out as that of the golden runs was, with all munged files made."""
    home = tmp_path_factory.mktemp("ldsc")
    (home / "ldsc").mkdir()
    (home / "inputs").symlink_to(GOLDEN / "inputs")
    (home / "eur_w_ld_chr").symlink_to(PANEL)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        for words in commands("munge_sumstats.py").values():
            assert cli.main(["munge", *words, "--quiet"]) == 0
        yield home


@pytest.mark.parametrize("name", list(commands("munge_sumstats.py")) if GOLDEN.is_dir() else ["main_t1"])
def test_munged_files_are_those_of_ldsc_to_the_byte(home: Path, name: str) -> None:
    described = manifest()["ldsc"]["files"][f"{name}.sumstats.gz"]
    text = gzip.decompress((home / "ldsc" / f"{name}.sumstats.gz").read_bytes())
    assert text.count(b"\n") == described["rows"] + 1
    assert hashlib.sha256(text).hexdigest() == described["sha256_of_uncompressed"]


@pytest.mark.parametrize("name", ["main_t1", "main_t2", "main_t3", "main_t1_merge"])
def test_rules_of_cleaning_remove_as_many_rows_as_in_ldsc(home: Path, name: str) -> None:
    theirs = (GOLDEN / "ldsc" / f"{name}.log").read_text()
    ours = pd.read_csv(home / "ldsc" / f"{name}.log.tsv", sep="\t").set_index("rule")["removed"]
    for rule, words in (
        ("maf_not_above_minimum", "SNPs with MAF"),
        ("duplicated_id", "SNPs with duplicated rs numbers"),
        ("n_below_minimum", "SNPs with N <"),
        ("not_listed", "SNPs not in --merge-alleles"),
        ("other_alleles", "SNPs whose alleles did not match"),
    ):
        printed = re.search(rf"Removed (\d+) {words}", theirs)
        assert (None if printed is None else int(printed[1])) == ours.get(rule)
    assert ours.sum() + int(re.findall(r"(\d+) with nonmissing beta", theirs)[0]) == _rows_read(theirs)


def _rows_read(log: str) -> int:
    return int(re.findall(r"Read (\d+) SNPs from --sumstats file", log)[0])


@pytest.fixture(scope="module")
def runs(home: Path) -> dict[str, Path]:
    """Run all of LDSC's command lines that did not fail; return the beginning of each output's name."""
    made = {}
    for program in ("ldsc.py", "ldsc_fullprec.py"):
        for out, words in commands(program).items():
            if out.removeprefix("fp_") not in FAILED_RUNS:
                assert cli.main(["ldsc", *words, "--quiet"]) == 0
                made[out] = home / "ldsc" / out
    return made


@pytest.mark.parametrize("run", HERITABILITY_RUNS)
def test_heritability_in_full_precision(runs: dict[str, Path], run: str) -> None:
    expected = json.loads((GOLDEN / "ldsc" / f"fp_{run}.json").read_text())
    (found,) = _rows(runs[f"fp_{run}"])
    names = {"h2": "tot", "h2_standard_error": "tot_se", "ratio": "ratio", "ratio_standard_error": "ratio_se"}
    names |= {"intercept": "intercept", "intercept_standard_error": "intercept_se", "n_blocks": "n_blocks"}
    _compare(found, expected, names | {"mean_chi_squared": "mean_chisq", "lambda_gc": "lambda_gc"})


@pytest.mark.parametrize("run", CORRELATION_RUNS)
def test_genetic_correlation_in_full_precision(runs: dict[str, Path], run: str) -> None:
    expected_pairs = json.loads((GOLDEN / "ldsc" / f"fp_{run}.json").read_text())
    rows = _rows(runs[f"fp_{run}"])
    assert len(rows) == len(expected_pairs)
    factors = factors_of(options_of(run), len(rows) + 1)
    for place, (found, expected) in enumerate(zip(rows, expected_pairs, strict=True), start=1):
        _compare_pair(found, expected, factors[0], factors[place])


def _compare_pair(found: dict[str, Any], expected: dict[str, Any], one: float, other: float) -> None:
    _compare(found, expected, {"rg": "rg", "rg_standard_error": "rg_se", "z": "z"})
    if expected["p"] > 0:
        assert_allclose(found["neg_log_10_p_value"], -np.log10(expected["p"]), rtol=1e-9)
    covariance = {name: expected["gencov"][name] for name in ("tot", "tot_se", "intercept", "intercept_se")}
    covariance["tot"] *= np.sqrt(one * other)
    covariance["tot_se"] *= np.sqrt(one * other)
    names = {"gencov": "tot", "gencov_standard_error": "tot_se"}
    _compare(found, covariance, names | {f"gencov_{name}": name for name in ("intercept",)})
    _compare(found, covariance, {"gencov_intercept_standard_error": "intercept_se"})
    for number, factor in ((1, one), (2, other)):
        own = dict(expected[f"hsq{number}"])
        own |= {"tot": own["tot"] * factor, "tot_se": own["tot_se"] * factor}
        names = {f"h2_{number}": "tot", f"h2_{number}_standard_error": "tot_se"}
        names |= {f"intercept_{number}": "intercept", f"intercept_{number}_standard_error": "intercept_se"}
        _compare(found, own, names)


@pytest.mark.parametrize("out", [*LOGS_OF_HERITABILITY, *LOGS_OF_CORRELATION])
def test_the_summary_has_the_lines_of_ldsc_s_log(runs: dict[str, Path], out: str) -> None:
    theirs = _printed((GOLDEN / "ldsc" / f"{out}.log").read_text())
    ours = iter(_printed(runs[out].with_suffix(".log").read_text()))
    assert len(theirs) >= 4
    for name, numbers in theirs:  # ours has the first trait's own regression again for each pair
        for known, found in ours:
            if known == name and (name == "P" or np.allclose(found, numbers, rtol=1e-4, atol=1.0001e-4)):
                break
        else:
            raise AssertionError(f"{name}: {numbers} is not in {out}.log")


@pytest.mark.parametrize("run", ["rg_main", "rg_main_23"])
def test_files_that_ldsc_stops_at_give_what_it_gives_without_the_other_alleles(home: Path, run: str) -> None:
    """LDSC stops as soon as a SNP has other alleles in another file; the _merge runs are those without them."""
    assert cli.main(["ldsc", *commands("ldsc.py")[run], "--quiet"]) == 0
    expected_pairs = json.loads((GOLDEN / "ldsc" / f"fp_{run}_merge.json").read_text())
    for found, expected in zip(_rows(home / "ldsc" / run), expected_pairs, strict=True):
        _compare_pair(found, expected, 1.0, 1.0)


def test_all_pairs_of_raw_files_at_once(home: Path) -> None:
    """Raw files are cleaned on the way; statistics of more than three digits change the estimates little."""
    files = [f"t{trait}=inputs/main_t{trait}.txt.gz" for trait in (1, 2, 3)]
    assert cli.main(["ldsc", "rg", *files, "--ref-ld-chr", "eur_w_ld_chr/", "--out", "all", "--quiet"]) == 0
    found = {(row["trait_1"], row["trait_2"]): row for row in _rows(home / "all")}
    assert list(found) == [("t1", "t2"), ("t1", "t3"), ("t2", "t3")]
    with_first = json.loads((GOLDEN / "ldsc" / "fp_rg_main_merge.json").read_text())
    without = json.loads((GOLDEN / "ldsc" / "fp_rg_main_23_merge.json").read_text())
    for row, expected in zip(found.values(), [*with_first, *without], strict=True):
        assert_allclose(row["rg"], expected["rg"], atol=1e-4)
        assert_allclose(row["rg_standard_error"], expected["rg_se"], atol=1e-5)


def _rows(prefix: Path) -> list[dict[str, Any]]:
    table = pd.read_csv(f"{prefix}.tsv", sep="\t")
    return table.to_dict("records")


def _compare(found: dict[str, Any], expected: dict[str, Any], names: dict[str, str]) -> None:
    for ours, theirs in names.items():
        value = np.nan if expected[theirs] in (None, "NA") else expected[theirs]
        assert_allclose(found[ours], value, **EXACT, err_msg=ours)


def _printed(log: str) -> list[tuple[str, list[float]]]:
    number = r"-?\d+\.?\d*(?:e[-+]\d+)?"
    pattern = rf"^([A-Z][^:\n]*): (?:constrained to )?({number})(?: \(({number})\))?$"
    without_scale = re.sub(r"^Total (Observed|Liability) scale ", "", log, flags=re.MULTILINE)
    lines = re.findall(pattern.replace("[A-Z]", r"\w"), without_scale, re.MULTILINE)
    return [(name, [float(word) for word in words if word]) for name, *words in lines]
