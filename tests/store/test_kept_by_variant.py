"""What analyses keep of a store's studies: whatever happens to it, an analysis says what the studies say."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gwasmeta
from gwasmeta import GwasmetaError, Study, StudyStore
from gwasmeta.meta import analyze
from gwasmeta.meta.ranges import kept_studies, numbered_studies
from gwasmeta.sumstats.stored_study import BY_VARIANT
from killed_children import END_OF_CHILD

_N_KILLS = 20
_NAMES = ("a", "b", "c", "d")

# Analyses in forked processes, each of which may be killed: so that gwasmeta is loaded once for all of them, and
# Polars, whose threads a fork would not have, not used before. It reads lines of seconds, where the table is to be
# written, and studies, and answers how the analysis ended and after how many seconds.
_SERVER = (
    END_OF_CHILD
    + """
import sys, importlib
for name in ("gwasmeta.meta.ranges.analysis", "polars", "pandas", "scipy.special", "numba"):
    importlib.import_module(name)
import gwasmeta
store = gwasmeta.StudyStore(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    seconds, table, *names = line.split()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        gwasmeta.meta_analyze([store.study(name) for name in names], genomic_control=True).table.to_pickle(table)
        os._exit(0)
    end = end_of_child(child, began + float(seconds))
    print(end, time.monotonic() - began, flush=True)
"""
)


class _Server:
    """A process that analyses studies of a store, and kills the analysis after some time."""

    def __init__(self, store: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait(self) -> None:
        assert self._answer() == "ready"

    def begin(self, names: str, table: Path, seconds: float = 60) -> None:
        assert self._process.stdin is not None
        print(seconds, table, *names, file=self._process.stdin, flush=True)

    def end(self) -> tuple[str, float]:
        """Return how the analysis ended, and after how many seconds."""
        how, seconds = self._answer().split()
        return how, float(seconds)

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _rows(seed: int, first: int, last: int) -> dict[str, Any]:
    """Draw a study of variants in an order of its own; so many that files are mapped."""
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(np.arange(first, last))
    n = len(numbers)
    swapped = rng.random(n) < 0.3
    return {
        "variant_id": [f"rs{k}" for k in numbers],
        "chromosome": (numbers % 3 + 1).astype(str).tolist(),
        "base_pair_location": (1000 + 7 * numbers).tolist(),
        "effect_allele": np.where(swapped, "C", "A").tolist(),
        "other_allele": np.where(swapped, "A", "C").tolist(),
        "beta": rng.normal(0, 0.1, n).round(6).tolist(),
        "standard_error": rng.uniform(0.05, 0.2, n).round(6).tolist(),
        "n": rng.integers(500, 900, n).tolist(),
    }


_ROWS = {"a": (1, 0, 20_000), "b": (2, 10_000, 40_000), "c": (3, 30_000, 50_000), "d": (4, 5_000, 60_000)}


@pytest.fixture(scope="module")
def never_analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store whose studies no analysis has met; to be copied."""
    store = StudyStore(tmp_path_factory.mktemp("never-analysed") / "store")
    for name, drawn in _ROWS.items():
        store.add(Study(_rows(*drawn), name=name))
    return store.path


@pytest.fixture
def store(never_analysed: Path, tmp_path: Path) -> StudyStore:
    shutil.copytree(never_analysed, tmp_path / "store")
    return StudyStore(tmp_path / "store")


def _analysed(store: StudyStore, names: str) -> pd.DataFrame:
    return gwasmeta.meta_analyze([store.study(name) for name in names], genomic_control=True).table


def _streamed(store: StudyStore, names: str) -> pd.DataFrame:
    """Analyse in memory, whatever is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyze, "_can_be_kept", lambda *_: False)
        return _analysed(store, names)


def _assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Compare every bit; the rows of one are in the order in which the store has met the variants."""
    by_id = [frame.sort_values("variant_id", ignore_index=True) for frame in (one, other)]
    pd.testing.assert_frame_equal(*by_id, check_exact=True)


def test_studies_that_are_met_one_after_the_other(store: StudyStore) -> None:
    for names in ("a", "ab", "c", "dcba"):
        _assert_same(_analysed(store, names), _streamed(store, names))


def test_one_study_under_two_names(store: StudyStore) -> None:
    twice = [Study(store.study("a").source, name=name) for name in ("one", "two")]
    table = gwasmeta.meta_analyze(twice).table
    assert (len(table), set(table["n_studies"])) == (20_000, {2})
    (kept,) = (store.path / "studies" / "a").glob(f"*/{BY_VARIANT}/*")
    assert len([path for path in kept.iterdir() if path.is_dir()]) == 1


@pytest.mark.parametrize("genomic_control", [False, True])
def test_rows_that_do_not_say_whether_they_are_imputed(tmp_path: Path, genomic_control: bool) -> None:
    """They are told of once, as they were when the study was added; an analysis that keeps rows reads them anyway."""
    rows = {name: [str(value) for value in values] for name, values in _rows(1, 0, 32).items()}
    rows["imputed"] = ["1", "0", "NA", "2"] * 8
    path = tmp_path / "study.tsv"
    path.write_text("\n".join("\t".join(row) for row in [rows, *zip(*rows.values(), strict=True)]) + "\n")
    store = StudyStore(tmp_path / "store")
    store.add(Study(path, name="study"))
    result = gwasmeta.meta_analyze([store.study("study")], genomic_control=genomic_control)
    told = result.log[result.log["rule"] == "imputed_not_0_or_1"]
    assert set(told["count"]) == {16}
    if genomic_control:
        of_file = gwasmeta.meta_analyze([Study(path, name="study")], genomic_control=True)
        assert set(of_file.log.loc[of_file.log["rule"] == "imputed_not_0_or_1", "count"]) == {16}
        assert result.studies["inflation_factor_imputed"].equals(of_file.studies["inflation_factor_imputed"])


@pytest.fixture
def new_server(store: StudyStore) -> Iterator[Callable[[], _Server]]:
    servers: list[_Server] = []

    def new() -> _Server:
        servers.append(_Server(store.path))
        return servers[-1]

    yield new
    for server in servers:
        server.close()


def _forget(store: StudyStore) -> None:
    for path in (store.path / BY_VARIANT, *store.path.glob(f"studies/*/*/{BY_VARIANT}")):
        shutil.rmtree(path)


def test_analyses_that_are_killed(store: StudyStore, new_server: Callable[[], _Server], tmp_path: Path) -> None:
    server = new_server()
    server.wait()
    expected = _streamed(store, "abcd")
    for _ in range(2):  # the second time, compiled functions are there
        _forget(store) if (store.path / BY_VARIANT).exists() else None
        server.begin("abcd", tmp_path / "table")
        how, takes = server.end()
        assert how == "ended-0"
    moments, ends = random.Random(8), []
    for kill in range(_N_KILLS):
        if kill % 2 == 0:  # on top of what one that was killed has left, every other time
            _forget(store) if (store.path / BY_VARIANT).exists() else None
        server.begin("dcba" if kill % 3 else "ab", tmp_path / "table", moments.uniform(0, takes))
        ends.append(server.end()[0])
        if kill % 4 == 3:
            _assert_same(_analysed(store, "abcd"), expected)
    assert ends.count("killed") >= _N_KILLS / 2
    assert set(ends) <= {"killed", "ended-0"}


def test_two_analyses_of_some_of_the_same_studies_at_once(
    store: StudyStore, new_server: Callable[[], _Server], tmp_path: Path
) -> None:
    asked = ("abc", "dcb")
    servers = [new_server() for _ in asked]
    for server in servers:
        server.wait()
    for attempt in range(3):
        if attempt:
            _forget(store)
        for server, names in zip(servers, asked, strict=True):
            server.begin(names, tmp_path / names)
        assert [server.end()[0] for server in servers] == ["ended-0"] * 2
        for names in asked:
            _assert_same(pd.read_pickle(tmp_path / names), _streamed(store, names))


def test_a_study_that_is_kept_while_another_analysis_looks(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its looks at the catalogue and at the studies, which have variants that this catalogue does not."""
    _analysed(store, "a")
    real, looked = kept_studies.CatalogueFiles.read, []

    def read(folder: Path) -> Any:
        files = real(folder)
        if not looked:
            looked.append(folder)
            _analysed(store, "abd")
        return files

    monkeypatch.setattr(kept_studies.CatalogueFiles, "read", read)
    _assert_same(_analysed(store, "ab"), _streamed(store, "ab"))
    assert looked


def test_two_copies_of_a_store_that_went_their_own_ways(store: StudyStore, tmp_path: Path) -> None:
    """And were put together again: numbers of variants in the one mean others in the other."""
    _analysed(store, "a")
    shutil.copytree(store.path, tmp_path / "copy")
    copy = StudyStore(tmp_path / "copy")
    _analysed(store, "ab")
    _analysed(copy, "ad")
    shutil.copytree(copy.path / "studies", store.path / "studies", dirs_exist_ok=True)
    _assert_same(_analysed(store, "abd"), _streamed(store, "abd"))
    shutil.copytree(copy.path / BY_VARIANT, store.path / BY_VARIANT, dirs_exist_ok=True)
    _assert_same(_analysed(store, "abd"), _streamed(store, "abd"))


@pytest.mark.parametrize("what", [BY_VARIANT, f"{BY_VARIANT}/effects-id/catalogue.json"])
def test_a_catalogue_that_is_removed(store: StudyStore, what: str) -> None:
    _analysed(store, "ab")
    path = store.path / what
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    _assert_same(_analysed(store, "ca"), _streamed(store, "ca"))
    _assert_same(_analysed(store, "abc"), _streamed(store, "abc"))


def test_a_result_outlives_its_store(store: StudyStore) -> None:
    result = gwasmeta.meta_analyze([store.study("a"), store.study("b")], genomic_control=True)
    expected = _streamed(store, "ab")
    shutil.rmtree(store.path)
    _assert_same(result.table, expected)


def test_a_study_that_is_removed_while_it_is_laid_down(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = kept_studies.sorted_studies

    def after_removal(*given: Any) -> Any:
        store.remove("b")
        return real(*given)

    monkeypatch.setattr(kept_studies, "sorted_studies", after_removal)
    with pytest.raises(GwasmetaError, match="start again"):
        _analysed(store, "ab")
    monkeypatch.undo()
    _assert_same(_analysed(store, "ac"), _streamed(store, "ac"))


def test_a_store_that_only_others_may_write_to(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its studies' folders belong to somebody else, and nothing is kept."""
    real = os.access

    def access(path: Any, mode: int) -> bool:
        return real(path, mode) and not (mode == os.W_OK and "studies" in Path(path).parts)

    monkeypatch.setattr(kept_studies.os, "access", access)
    assert len(_analysed(store, "ab")) == 40_000
    assert not (store.path / BY_VARIANT).exists()


def test_what_an_analysis_leaves_that_fails_or_whose_workers_were_killed(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows take room: nothing of the first stays, and of the second what counts."""
    kept = [next(store.path.glob(f"studies/{name}/v-*")) / BY_VARIANT / "effects-id" for name in "ab"]
    real = numbered_studies.number_study

    def failing(_catalogue: Any, rows: Any) -> Any:
        (rows.files.folder.parent / "of a killed worker").mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(numbered_studies, "number_study", failing)
    with pytest.raises(KeyboardInterrupt):
        _analysed(store, "ab")
    assert not any(folder.exists() for folder in kept)

    def beside(catalogue: Any, rows: Any) -> Any:
        (rows.files.folder.parent / "of a killed worker").mkdir()
        return real(catalogue, rows)

    monkeypatch.setattr(numbered_studies, "number_study", beside)
    _assert_same(_analysed(store, "ab"), _streamed(store, "ab"))
    for folder in kept:
        assert len(list(folder.iterdir())) == 2
