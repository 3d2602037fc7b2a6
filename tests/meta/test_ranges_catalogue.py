"""The catalogue of variants: written piece by piece, read again after an interruption, and always the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.ranges import catalogue as module
from gwasmeta.meta.ranges.catalogue import (
    NO_CHROMOSOME,
    OTHER_PLACE,
    PLACE_SHIFT,
    SAME_PLACE,
    Catalogue,
    CatalogueFiles,
    NumberedRows,
    is_unlike,
)
from gwasmeta.meta.ranges.study_rows import StudyRows, lay_down, wanted_in_ranges
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study

from .ranges_comparison import odd_study, odd_variants, text_of
from .study_tables import Columns, one_variant

pytestmark = pytest.mark.usefixtures("small_ranges")


def laid_down(study: Columns, folder: Path) -> StudyRows:
    reader = StudyReader(Study(text_of(study), name="study"), wanted_in_ranges(MetaOptions()))
    return lay_down(reader, MetaOptions(), folder)


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[StudyRows]:
    """Return odd studies that have been laid down; each brings variants, alleles and chromosomes of its own."""
    rng = np.random.default_rng(12)
    variants = odd_variants(rng, 120)
    for k in range(90, 120):
        variants[k] |= {"pair": ("A" * (k - 60), "C"), "chromosome": "1"}
    parts = (variants[:50], variants[20:90], variants[:10], variants)
    folder = tmp_path_factory.mktemp("studies")
    return [laid_down(odd_study(rng, part, share=1), folder) for part in parts]


def numbered(catalogue: Catalogue, rows: StudyRows) -> list[bytes]:
    """Return the bits of everything that numbering a study says, chunk by chunk."""
    return [value.tobytes() for chunk in catalogue.number(rows) for value in vars(chunk).values()]


def files_in(folder: Path) -> dict[str, Any]:
    """Return what is in the files, but for the name that each catalogue has of its own."""
    found: dict[str, Any] = {path.name: path.read_bytes() for path in folder.iterdir()}
    found["catalogue.json"] = json.loads(found["catalogue.json"])
    assert found["catalogue.json"].pop("states")
    return found


def read(folder: Path) -> CatalogueFiles:
    files = CatalogueFiles.read(folder)
    assert files is not None
    return files


def test_saved_piece_by_piece_it_is_the_one_made_in_one_go(studies: list[StudyRows], tmp_path: Path) -> None:
    whole, growing = Catalogue(), Catalogue()
    for rows in studies:
        expected = numbered(whole, rows)
        assert numbered(growing, rows) == expected
        growing.save(tmp_path / "growing")
    whole.save(tmp_path / "whole")
    assert files_in(tmp_path / "growing") == files_in(tmp_path / "whole")


def test_numbering_after_loading_is_numbering_all_the_same(studies: list[StudyRows], tmp_path: Path) -> None:
    in_memory = Catalogue()
    for rows in studies:
        loaded = Catalogue.load(tmp_path / "loaded")
        assert len(loaded) == len(in_memory)
        assert numbered(loaded, rows) == numbered(in_memory, rows)
        assert (loaded.names.words().to_list(), loaded.chromosomes) == (
            in_memory.names.words().to_list(),
            in_memory.chromosomes,
        )
        loaded.save(tmp_path / "loaded", durably=True)
    in_memory.save(tmp_path / "of memory")
    assert files_in(tmp_path / "loaded") == files_in(tmp_path / "of memory")


def test_a_catalogue_is_known_by_its_states(studies: list[StudyRows], tmp_path: Path) -> None:
    """Numbers of one mean nothing in another, nor in one that they were not added to."""
    catalogue = Catalogue()
    first = catalogue.save(tmp_path / "one").states
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    numbered(catalogue, studies[0])
    second = catalogue.save(tmp_path / "one").states
    assert read(tmp_path / "one").states == second
    assert (second[:-1], len(set(second))) == (first, 2)
    other = Catalogue.load(tmp_path / "copy")
    numbered(other, studies[1])
    assert set(other.save(tmp_path / "copy").states) & set(second) == set(first)
    assert not set(catalogue.save(tmp_path / "two").states) & set(second)
    assert CatalogueFiles.read(tmp_path / "none") is None


def test_a_damaged_catalogue_is_made_again(studies: list[StudyRows], tmp_path: Path) -> None:
    catalogue = Catalogue()
    numbered(catalogue, studies[0])
    states = catalogue.save(tmp_path / "kept").states
    expected = contents(read(tmp_path / "kept"))
    (tmp_path / "kept" / "catalogue.json").write_bytes(b"")  # as a computer that lost its power leaves it
    assert CatalogueFiles.read(tmp_path / "kept") is None
    again = Catalogue.load(tmp_path / "kept")
    numbered(again, studies[0])
    assert not set(again.save(tmp_path / "kept").states) & set(states)
    assert contents(read(tmp_path / "kept")) == expected


def test_a_large_catalogue_grows_after_loading(tmp_path: Path) -> None:
    """Whose arrays are mapped when they are read, and cannot be enlarged as they are."""
    n = 20_000
    catalogue = Catalogue()
    for names in (range(n), range(n // 2, 2 * n)):
        study = one_variant() | {"variant_id": [f"rs{k}" for k in names]}
        study = {name: values * len(names) if len(values) == 1 else values for name, values in study.items()}
        numbered(catalogue, laid_down(study, tmp_path / "studies"))
        catalogue.save(tmp_path / "kept")
        catalogue = Catalogue.load(tmp_path / "kept")
    files = read(tmp_path / "kept")
    assert files.names(0, 2 * n).to_list() == [f"rs{k}" for k in range(2 * n)]
    assert set(files.array("effect", 0, 2 * n).tolist()) == {0}
    assert set(files.array("position", 0, 2 * n).tolist()) == {1000}


def test_saving_again_changes_nothing(studies: list[StudyRows], tmp_path: Path) -> None:
    catalogue = Catalogue()
    numbered(catalogue, studies[1])
    states = catalogue.save(tmp_path).states
    before = files_in(tmp_path)
    catalogue.save(tmp_path)
    numbered(catalogue, studies[1])  # nothing new
    assert catalogue.save(tmp_path).states == states
    assert files_in(tmp_path) == before


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", range(7))
@pytest.mark.parametrize("torn", [False, True])
def test_killed_while_saving_it_is_as_before_and_goes_on(
    studies: list[StudyRows], after: int, torn: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many files of the six, and perhaps some bytes of the next, and before the one that makes it count."""
    catalogue = Catalogue()
    numbered(catalogue, studies[0])
    catalogue.save(tmp_path / "kept")
    before = contents(read(tmp_path / "kept"))
    numbered(catalogue, studies[1])

    real, written = module._append, []

    def append(path: Path, known: int, values: Any) -> None:
        if len(written) == after:
            if torn:
                real(path, known, values[: len(values) // 2])
            raise Killed
        written.append(path)
        real(path, known, values)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_append", append)
        patch.setattr(module, "whole_file", lambda _path: killed())
        with pytest.raises(Killed):
            catalogue.save(tmp_path / "kept")
    assert contents(read(tmp_path / "kept")) == before
    again, expected = Catalogue.load(tmp_path / "kept"), Catalogue()
    numbered(expected, studies[0])
    for rows in studies[2:]:
        assert numbered(again, rows) == numbered(expected, rows)
    again.save(tmp_path / "kept")
    expected.save(tmp_path / "expected")
    assert files_in(tmp_path / "kept") == files_in(tmp_path / "expected")


def killed() -> None:
    raise Killed


def contents(files: CatalogueFiles) -> dict[str, Any]:
    """Return all that a catalogue on disk says."""
    n = files.n_variants
    arrays = {name: files.array(name, 0, n).tolist() for name in ("effect", "other", "chromosome", "position")}
    return arrays | {"names": files.names(0, n).to_list(), "words": (files.alleles, files.chromosomes)}


def test_rubbish_behind_what_counts_is_not_read(studies: list[StudyRows], tmp_path: Path) -> None:
    catalogue = Catalogue()
    numbered(catalogue, studies[0])
    catalogue.save(tmp_path)
    before = contents(read(tmp_path))
    for path in tmp_path.iterdir():
        if path.suffix != ".json":
            with path.open("ab") as file:
                file.write(b"\xff" * 1003)
    assert contents(read(tmp_path)) == before
    assert numbered(Catalogue.load(tmp_path), studies[3]) == numbered(catalogue, studies[3])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_range_of_the_names(
    tmp_path_factory: pytest.TempPathFactory, studies: list[StudyRows], data: st.DataObject
) -> None:
    catalogue = Catalogue()
    for rows in studies:
        numbered(catalogue, rows)
    folder = tmp_path_factory.mktemp("catalogue")
    catalogue.save(folder)
    files, expected = read(folder), catalogue.names.words().to_list()
    start = data.draw(st.integers(0, len(expected)))
    stop = data.draw(st.integers(start, len(expected)))
    assert files.names(start, stop).to_list() == expected[start:stop]
    shutil.rmtree(folder)


def test_what_it_says_of_a_variant_is_what_its_first_row_says(tmp_path: Path) -> None:
    first = joined(
        one_variant(variant_id="b", chromosome="chr23", base_pair_location=70, effect_allele="at", other_allele="1"),
        one_variant(variant_id="a", chromosome="NA"),
        one_variant(variant_id="b", effect_allele="G", chromosome="5"),
    )
    second = joined(one_variant(variant_id="a", chromosome="7"), one_variant(variant_id="c", effect_allele="g"))
    catalogue = Catalogue()
    for study in (first, second):
        numbered(catalogue, laid_down(study, tmp_path / "studies"))
    catalogue.save(tmp_path)
    files = read(tmp_path)
    assert files.names(0, 3).to_list() == ["b", "a", "c"]
    assert [files.alleles[k] for k in files.array("effect", 0, 3)] == ["AT", "A", "G"]
    assert [files.alleles[k] for k in files.array("other", 0, 3)] == ["A", "C", "C"]
    chromosomes = files.array("chromosome", 0, 3).tolist()
    assert [files.chromosomes[k] if k != NO_CHROMOSOME else None for k in chromosomes] == ["X", None, "1"]
    assert files.array("position", 0, 3)[[0, 2]].tolist() == [70, 1000]
    assert json.loads((tmp_path / "catalogue.json").read_text())["variants"] == 3


def joined(*studies: Columns) -> Columns:
    return {name: [value for study in studies for value in study[name]] for name in studies[0]}


CODES = [  # how a row compares with A/C at 1:1000
    ({}, 0, SAME_PLACE),
    ({"effect_allele": "C", "other_allele": "A"}, 1, SAME_PLACE),
    ({"effect_allele": "T", "other_allele": "G"}, 2, SAME_PLACE),
    ({"effect_allele": "G", "other_allele": "T"}, 3, SAME_PLACE),
    ({"base_pair_location": 1001}, 0, OTHER_PLACE),
    ({"chromosome": "2", "effect_allele": "G", "other_allele": "T"}, 3, OTHER_PLACE),
    ({"chromosome": "NA"}, 0, 0),
]


@pytest.mark.parametrize(("row", "alleles", "place"), CODES)
def test_codes(row: dict[str, Any], alleles: int, place: int, tmp_path: Path) -> None:
    catalogue = Catalogue()
    numbered(catalogue, laid_down(one_variant(), tmp_path))
    (chunk,) = chunks(catalogue, one_variant(**row), tmp_path)
    assert chunk.codes.tolist() == [alleles | place << PLACE_SHIFT]
    assert is_unlike(chunk.codes).tolist() == [place == OTHER_PLACE]


def test_rows_that_do_not_follow_from_their_variants_are_told(tmp_path: Path) -> None:
    catalogue = Catalogue()
    numbered(catalogue, laid_down(joined(one_variant(), one_variant(variant_id="rs2")), tmp_path))
    study = joined(
        *(one_variant() for _ in range(9)),
        one_variant(effect_allele="G", chromosome="X"),
        one_variant(variant_id="rs2", base_pair_location=3),
    )
    found = list(chunks(catalogue, study, tmp_path))
    assert len(found) == 2
    assert found[0].unlike.tolist() == []
    assert found[1].unlike.tolist() == [9, 10]
    assert found[1].effect.tolist() == [2, 0]
    assert found[1].position.tolist() == [1000, 3]
    assert_array_equal(found[1].chromosome, [catalogue.chromosomes["X"], catalogue.chromosomes["1"]])


def chunks(catalogue: Catalogue, study: Columns, folder: Path) -> Iterator[NumberedRows]:
    return catalogue.number(laid_down(study, folder))
