"""What the report says, against the results that it is of."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gwasmeta
from gwasmeta.meta.result import MetaResult
from gwasmeta.multitrait.result import MtagResult
from gwasmeta.report import numbers
from gwasmeta.report.details import inputs_of, parameters_of
from gwasmeta.report.leads import LeadTable, directions_of, forests, lead_effects, lead_table, links_of
from gwasmeta.report.points import points_payload
from gwasmeta.report.runs import Run, run_of
from gwasmeta.report.scans import Scan, scan
from gwasmeta.report.studies import StudyLine, read_values, study_lines
from gwasmeta.report.traits import across_traits, trait_tables
from gwasmeta.report.variant_rows import variant_rows
from gwasmeta.report.verdicts import verdicts

RANDOM = "random_neg_log_10_p_value"
MOST_BYTES = 10_000_000


@pytest.fixture(scope="module")
def run(meta: MetaResult) -> Run:
    return run_of(meta)


@pytest.fixture(scope="module")
def found(meta: MetaResult) -> Scan:
    return scan("result", meta, ["i_squared", "effect_allele_frequency", RANDOM])


@pytest.fixture(scope="module")
def studies(run: Run) -> tuple[StudyLine, ...]:
    return study_lines(run, read_values(run))


def names_of(one: Scan) -> list[str]:
    return [one.table.name_of(int(row)) for row in one.lead]


def cells(table: LeadTable, heading: str) -> dict[str, str]:
    place = table.columns.index(heading)
    return {lead.name: lead.cells[place].text for lead in table.leads}


def test_lead_variants_and_lambda_are_the_results(meta: MetaResult, found: Scan) -> None:
    assert names_of(found) == list(meta.lead_variants()["variant_id"])
    assert found.n_significant == (meta.table["p_value"] <= 5e-8).sum()
    assert found.inflation_factor == pytest.approx(meta.inflation_factors["fixed"], rel=1e-9)


@pytest.mark.parametrize("on_disk", [False, True])
def test_the_table_of_leads_shows_the_results_numbers(
    meta: MetaResult, run: Run, found: Scan, tmp_path: Path, on_disk: bool
) -> None:
    source = meta
    if on_disk:
        meta.write(tmp_path / "height.tsv.gz")
        run = run_of(str(tmp_path / "height"))
        source = run.tables["result"]
        found = scan("result", source, [RANDOM])
    rows = variant_rows(source, names_of(found), ["n_studies", "i_squared"])
    table = lead_table(found, rows, directions_of(lead_effects(run, found)))
    truth = meta.lead_variants().set_index("variant_id")
    assert [lead.name for lead in table.leads] == list(truth.index)
    assert cells(table, "Direction") == dict(truth["direction"])
    assert cells(table, "Alleles") == dict(truth["effect_allele"] + "/" + truth["other_allele"])
    assert cells(table, "Chr") == dict(truth["chromosome"])
    assert cells(table, "Studies") == {name: str(n) for name, n in truth["n_studies"].items()}
    for heading, column, digits in (("Effect", "beta", 4), ("SE", "standard_error", 4), ("I² (%)", "i_squared", 0)):
        shown = {name: float(text.replace("−", "-")) for name, text in cells(table, heading).items()}
        assert shown == pytest.approx(dict(truth[column]), abs=0.51 * 10**-digits)
    for heading, column in (("p", "p_value"), ("p, random", "random_p_value")):
        shown = {name: float(text) for name, text in cells(table, heading).items()}
        assert shown == pytest.approx(dict(truth[column]), rel=0.006)


def test_every_study_has_its_books_and_its_mean_chi_squared(meta: MetaResult, studies: tuple[StudyLine, ...]) -> None:
    assert [line.name for line in studies] == list(meta.studies["study"])
    for line, study in zip(studies, gwasmeta.example_studies("quantitative").values(), strict=True):
        rows = gwasmeta.read_sumstats(study).table
        expected = float(((rows["beta"] / rows["standard_error"]) ** 2).mean())
        assert line.mean_chi_squared == pytest.approx(expected, rel=0.01)
        excluded = {finding.rule: finding.count for finding in line.findings if finding.action == "excluded"}
        assert excluded == line.told["excluded_by"]
        assert line.told["rows_read"] == line.told["rows_used"] + sum(excluded.values())


def test_a_study_of_another_unit_is_flagged(tmp_path: Path) -> None:
    flagged = _flags_with({"standard_error": 3.0, "beta": 3.0}, tmp_path)
    assert any("standard errors do not fit" in flag for flag in flagged["odd"])
    assert not any("standard errors do not fit" in flag for name in ("one", "two", "three") for flag in flagged[name])


def test_a_study_whose_p_values_are_not_its_effects_is_flagged(tmp_path: Path) -> None:
    flagged = _flags_with({"standard_error": 1.3}, tmp_path, scramble_p=True)
    assert any("its p-values are not those of effect" in flag for flag in flagged["odd"])
    assert not any("p-values" in flag for name in ("one", "two", "three") for flag in flagged[name])


def test_a_study_that_lost_many_rows_and_an_inflated_one_are_flagged(tmp_path: Path) -> None:
    flagged = _flags_with({"beta": 2.0, "n": 0.4}, tmp_path, missing=400)
    assert any("20 % of its rows are excluded, most by beta missing" in flag for flag in flagged["odd"])
    assert any("λ = 4." in flag for flag in flagged["odd"])
    assert flagged["one"] == ()


def _flags_with(
    factors: dict[str, float], folder: Path, *, scramble_p: bool = False, missing: int = 0
) -> dict[str, tuple[str, ...]]:
    """Return the flags of three sound studies and of one whose columns are multiplied."""
    random = np.random.default_rng(6)
    n_variants, paths = 2000, {}
    frequency = random.uniform(0.05, 0.5, n_variants)
    for name, n in (("one", 4000), ("two", 9000), ("three", 2500), ("odd", 6000)):
        error = (2 * frequency * (1 - frequency) * n) ** -0.5
        z = random.normal(size=n_variants)
        table = pd.DataFrame(
            {
                "variant_id": [f"rs{k}" for k in range(n_variants)],
                "chromosome": 1,
                "base_pair_location": np.arange(n_variants) * 1000 + 1,
                "effect_allele": "A",
                "other_allele": "G",
                "beta": z * error,
                "standard_error": error,
                "effect_allele_frequency": frequency,
                "p_value": 2 * pd.Series(-np.abs(z)).map(lambda value: 0.5 * math.erfc(-value / math.sqrt(2))),
                "n": float(n),
            }
        )
        if name == "odd":
            for column, factor in factors.items():
                table[column] *= factor
            if scramble_p:
                table["p_value"] = random.permutation(table["p_value"])
            table.loc[: missing - 1, "beta"] = np.nan
        paths[name] = folder / f"{name}.tsv"
        table.to_csv(paths[name], sep="\t", index=False, na_rep="NA")
    run = run_of(gwasmeta.meta_analyze(paths))
    return {line.name: line.flags for line in study_lines(run, read_values(run))}


def test_what_is_to_be_looked_at_is_what_the_table_shows(
    meta: MetaResult, run: Run, found: Scan, studies: tuple[StudyLine, ...]
) -> None:
    rows = {"result": variant_rows(meta, names_of(found), ["n_studies", "i_squared"])}
    said = {verdict.text: verdict.level for verdict in verdicts(run, [found], studies, rows)}
    leads = meta.lead_variants()
    varied = int((leads["i_squared"] >= 75).sum())
    lost = int((leads["random_p_value"] > 5e-8).sum())
    assert 0 < varied < lost < len(leads)
    assert any(f"disagree on {varied} of {len(leads)} lead variants" in text for text in said)
    assert any(f"{lost} of {len(leads)} lead variants do not reach 5 × 10⁻⁸ by random" in text for text in said)
    flagged = [line.name for line in studies if line.flags]
    assert any(f"{len(flagged)} of 5 studies have something to look at: {', '.join(flagged)}" in text for text in said)
    used, read = meta.studies["rows_used"].sum(), meta.studies["rows_read"].sum()
    text = f"{used:,} of {read:,} rows of the studies are used; every other one is counted below by its rule."
    assert said[text] == "good"


def test_points_are_the_variants(meta: MetaResult, found: Scan) -> None:
    payload = points_payload(found, {"rs5121197"})
    assert payload is not None
    position = np.frombuffer(base64.b64decode(payload["position"]), "<i4")
    chromosome = np.frombuffer(base64.b64decode(payload["chromosome"]), "<i2")
    height = np.frombuffer(base64.b64decode(payload["height"]), "<f4")
    assert len(position) == len(payload["id"]) > 1000
    assert payload["variants"] == len(meta)
    shown = pd.DataFrame({"chromosome": [payload["chromosomes"][code] for code in chromosome], "height": height})
    shown["base_pair_location"] = position
    both = shown.reset_index().merge(meta.table, on=["chromosome", "base_pair_location"])
    same = np.isclose(both["height"], both["neg_log_10_p_value"], rtol=1e-6)
    assert set(both["index"][same]) == set(range(len(shown)))
    by_id = meta.table.set_index("variant_id")["base_pair_location"]
    named = [k for k, name in enumerate(payload["id"]) if name]
    assert [by_id[payload["id"][k]] for k in named] == position[named].tolist()
    assert {payload["id"][k] for k in named} >= set(meta.table.query("p_value <= 5e-8")["variant_id"])
    assert [lead["id"] for lead in payload["leads"] if lead["opens"]] == ["rs5121197"]


def test_no_more_points_than_the_page_has_room_for() -> None:
    random = np.random.default_rng(1)
    n = 400_000
    table = {
        "variant_id": [f"v{k}" for k in range(n)],
        "chromosome": np.sort(random.integers(1, 23, n)),
        "base_pair_location": random.integers(1, 200_000_000, n),
        "effect_allele": ["A"] * n,
        "other_allele": ["G"] * n,
        "beta": random.normal(size=n),
        "standard_error": np.full(n, 0.1),
    }
    one = scan("many", gwasmeta.Study(table), [])
    assert one.n_significant > 100_000
    for n_scans, most in ((1, 60_000), (12, 6_000)):
        payload = points_payload(one, (), n_scans)
        assert payload is not None
        assert 1000 < len(payload["id"]) <= most


def test_forest_plots_are_those_of_the_leads(run: Run, found: Scan) -> None:
    effects = lead_effects(run, replace(found, lead=found.lead[:3]))
    drawn = forests(run, effects)
    assert list(drawn) == names_of(found)[:3]
    for name, picture in drawn.items():
        svg = base64.b64decode(picture.uri.removeprefix("data:image/svg+xml;base64,")).decode()
        assert name in svg
        assert all(study in svg for study in ("alder", "birch", "cedar", "maple", "rowan"))


def test_parameters_and_checksums_are_all_there(meta: MetaResult, run: Run) -> None:
    assert {one.name: one.sha256 for one in inputs_of(run)} == dict(
        zip(meta.studies["study"], meta.studies["sha256"], strict=True)
    )
    shown = dict(parameters_of(run))
    assert shown["methods"] == "fixed, random"
    assert shown["genomic control"] == "yes"
    assert shown["tau squared"] == "DL"


def test_matrices_of_mtag_are_the_results(traits: MtagResult) -> None:
    summary, correlation, omega, sigma = trait_tables(run_of(traits).parameters)
    names = list(traits.traits)
    for shown, truth in ((correlation, traits.genetic_correlation), (omega, traits.omega), (sigma, traits.sigma)):
        numbers_shown = [[float(cell.split(" (")[0].replace("−", "-")) for cell in row[1:]] for row in shown.rows]
        assert [row[0] for row in shown.rows] == names
        np.testing.assert_allclose(numbers_shown, truth.to_numpy(), rtol=0.006)
    gained = dict(zip([row[0] for row in summary.rows], [float(row[5]) for row in summary.rows], strict=True))
    assert gained == pytest.approx(dict(traits.summary["mean_chi_squared_after"]), abs=6e-4)


def test_a_snp_is_shown_in_every_trait(traits: MtagResult) -> None:
    name = str(traits.traits["height"].table.nlargest(1, "neg_log_10_p_value")["variant_id"].iloc[0])
    rows = {trait: variant_rows(one, [name], ["study_z"]) for trait, one in traits.traits.items()}
    for trait, study_z, _, z, p, effect in across_traits(name, rows).rows:
        truth = traits.traits[trait].table.set_index("variant_id").loc[name]
        assert float(study_z.replace("−", "-")) == pytest.approx(truth["study_z"], abs=0.006)
        assert float(z.replace("−", "-")) == pytest.approx(truth["z"], abs=0.006)
        assert float(p) == pytest.approx(truth["p_value"], rel=0.006)
        assert float(effect.split(" (")[0].replace("−", "-")) == pytest.approx(truth["beta"], abs=6e-5)


def test_links_are_by_rs_number_or_by_place() -> None:
    assert dict(links_of("rs7903146", "10", 114_758_349)) == {
        "dbSNP": "https://www.ncbi.nlm.nih.gov/snp/rs7903146",
        "Catalog": "https://www.ebi.ac.uk/gwas/variants/rs7903146",
        "hg38": "https://genome.ucsc.edu/cgi-bin/hgTracks?db=hg38&position=chr10:114708349-114808349",
        "hg19": "https://genome.ucsc.edu/cgi-bin/hgTracks?db=hg19&position=chr10:114708349-114808349",
    }
    assert [label for label, _ in links_of("10:114758349:C:T", "MT", 20)] == ["hg38", "hg19"]
    assert links_of("exm123", "", 0) == ()


@pytest.mark.parametrize(
    ("height", "shown", "plain"),
    [
        (412.4948500216801, "3.2 × 10⁻⁴¹³", "3.20e-413"),
        (8.0, "1.0 × 10⁻⁸", "1.00e-8"),
        (7.0001, "1.0 × 10⁻⁷", "1.00e-7"),
        (0.3010299956639812, "0.5", "0.5"),
        (math.inf, "0", "0"),
        (math.nan, "–", ""),
    ],
)
def test_p_values_are_written_from_their_logarithms(height: float, shown: str, plain: str) -> None:
    assert numbers.p_value(height) == shown
    assert numbers.plain_p_value(height) == plain


def test_the_file_is_whole_small_and_alone(meta_report: Path, traits_report: Path) -> None:
    for path in (meta_report, traits_report):
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) < MOST_BYTES
        without_scripts = re.sub(r"<script>.*?</script>|<pre>.*?</pre>", "", text, flags=re.DOTALL)
        fetched = re.findall(r'<(?:script|img|link|iframe|source)[^>]*(?:src|href)="([^"]*)"', without_scripts)
        assert fetched
        assert all(address.startswith("data:") for address in fetched)
        assert not re.search(r"url\(\s*[\"']?(?!data:)", without_scripts)
        assert "@import" not in without_scripts


def test_words_of_the_user_cannot_change_the_page(meta_report: Path) -> None:
    text = meta_report.read_text(encoding="utf-8")
    assert "A &lt;b&gt;bold&lt;/b&gt; &amp; cunning title" in text
    assert "A <b>bold" not in text
