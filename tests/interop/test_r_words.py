"""Messages in R's words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gwasmeta
from gwasmeta.interop.plain_values import from_plain
from gwasmeta.interop.r_words import in_r_words
from gwasmeta.interop.reticulate import call

ABOUT_STUDY = 'These are arguments of study(), which stands in the place of the path: study("FILE", ...)'
STUDY = "variant_id\teffect_allele\tother_allele\tbeta\tstandard_error\nrs1\tA\tG\t0.1\t0.1\n"


def arguments(**values: Any) -> dict[str, Any]:
    """Pass Python values as they are."""
    objects = [{"kind": "object", "object": value} for value in values.values()]
    return {"kind": "list", "names": [*values], "values": objects}


def complaint_of(function: Callable[[], object]) -> str:
    with pytest.raises(gwasmeta.GwasmetaError) as caught:
        function()
    return in_r_words(str(caught.value))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Name it by --column beta=B. More.", 'Name it by columns = c(beta = "B"). More.'),
        ("Names:  --column beta=B --column 'n=my N'", 'Names:  columns = c(beta = "B", n = "my N")'),
        (
            "  --column ours:effect_allele=A1,other_allele=A2",
            '  columns = c(effect_allele = "A1", other_allele = "A2")',
        ),
        ("""Word:  --column 'beta=it'"'"'s'""", 'Word:  columns = c(beta = "it\'s")'),
        ('Which:  --dialect saige      in Python:  dialect="saige"', 'Which:  dialect = "saige"'),
        ("Give it:  --n ours=NUMBER  or", "Give it:  n = NUMBER  or"),
        (
            "Give it:  --sex ours=male  or female  (Python: Study(..., sex='male')).",
            'Give it:  sex = "male"  or female.',
        ),
    ],
)
def test_what_a_study_says_is_an_argument_of_study(text: str, told: str) -> None:
    assert in_r_words(text) == f"{told}\n  {ABOUT_STUDY}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Raise the cutoff (--z-cutoff 2), or", "Raise the cutoff (z_cutoff = 2), or"),
        ("add it (--genomic-control, in Python genomic_control=True)", "add it (genomic_control = TRUE)"),
        ("by --force (Python: mean_chi_squared_min=0).", "by mean_chi_squared_min = 0."),
        ("Fetch it:  gwasmeta ldscores fetch eur_w_ld_chr\n  or", 'Fetch it:  fetch_ld_scores("eur_w_ld_chr")\n  or'),
        ("such as gwasmeta ldscores compute makes", "such as gwasmeta ldscores compute in a shell makes"),
        ("impossible; `gwasmeta format` works them out", "impossible; format_sumstats() works them out"),
        ("Install it:  pip install 'gwasmeta[dask]'", "Install it:  install_gwasmeta()"),
        ("gwasmeta store check says what is damaged", "store_check() says what is damaged"),
        ("gwasmeta store add FILE --name NAME", 'store_add(study_store(), "FILE", name = "NAME")'),
        ("place by --store FOLDER, by", 'place by study_store("FOLDER"), by'),
        (
            "gwasmeta store remove A --store '/my s'; then gwasmeta store add '/it'\"'\"'s/a.txt' --name A --store /s",
            'store_remove(study_store("/my s"), "A"); then store_add(study_store("/s"), "/it\'s/a.txt", name = "A")',
        ),
        ("REGENIE step 2 with --no-split, PLINK 1.9 --assoc", "REGENIE step 2 with --no-split, PLINK 1.9 --assoc"),
        ("a filter: n > 3 -- it's \\ odd", "a filter: n > 3 -- it's \\ odd"),
    ],
)
def test_what_a_run_is_told_is_an_argument(text: str, told: str) -> None:
    assert in_r_words(text) == told


@pytest.mark.parametrize(
    "options", [{"match": "position"}, {"methods": "sample_size"}, {"sex_differentiated": True}], ids=str
)
def test_real_complaints_name_arguments_that_there_are(tmp_path: Path, options: dict[str, str | bool]) -> None:
    study = tmp_path / "ours.txt"
    study.write_text(STUDY)
    told = complaint_of(lambda: gwasmeta.meta_analyze([study], **options))  # type: ignore[arg-type]
    assert "--" not in told
    assert "Python" not in told
    known = {*inspect.signature(gwasmeta.meta_analyze).parameters, *inspect.signature(gwasmeta.Study).parameters}
    assert {*re.findall(r"\b(\w+) = (?!c\()", told)} & known
    assert told.endswith(ABOUT_STUDY)


def test_a_header_of_no_format_is_explained_in_r(tmp_path: Path) -> None:
    study = tmp_path / "ours.txt"
    study.write_text("SNP A1 A2 BETA SE\nrs1 A G 0.1 0.1\n")
    told = complaint_of(lambda: gwasmeta.read_sumstats(study))
    assert 'columns = c(effect_allele = "A1", other_allele = "A2")  or  columns = c(effect_allele = "A2",' in told
    assert "columns={" not in told


def test_complaints_of_a_store_name_functions_of_r(tmp_path: Path) -> None:
    store = gwasmeta.StudyStore(tmp_path / "a store")
    told = complaint_of(lambda: store.names)
    assert 'store_add(study_store(), "FILE") makes one here. Another place is given by study_store("FOLDER"),' in told
    study = tmp_path / "ours.txt"
    study.write_text(STUDY)
    store.add(study)
    assert 'store_add(study_store(), "FILE", name = "NAME")' in complaint_of(lambda: store.add(study, name="a b"))
    (log,) = store.path.glob("studies/ours/v-*/log.tsv")
    log.write_text("")
    (plain,) = store.check()["remedy"]
    (told,) = from_plain(call("store_check", arguments(store=str(store.path)))["value"])["remedy"]
    assert told == in_r_words(plain)
    assert told.startswith(f'store_remove(study_store("{store.path}"), "ours"); then add it again')
    assert told.endswith(f'store_add(study_store("{store.path}"), "{study}", name = "ours")')
    (store.path / "studies" / "ours" / "entry.json").write_text("{}")
    assert f'store_remove(study_store("{store.path}"), "ours")' in complaint_of(lambda: store.list())


def test_the_bridge_translates_all_but_command_lines(tmp_path: Path) -> None:
    study = tmp_path / "ours.txt"
    study.write_text("SNP A1 A2 BETA SE\nrs1 A G 0.1 0.1\n")
    assert "columns = c(" in call("read_sumstats", arguments(study={"source": str(study)}))["message"]
    told = call("mtag_cli", arguments(words=["--sumstats", str(study), "--no_such_option"]))["message"]
    assert "--no_such_option" in told
