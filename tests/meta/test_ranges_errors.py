"""What is refused in memory is refused in ranges, in the same words; and nothing is left of either."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze
from gwasmeta.meta.ranges import column_files, numbered_studies

from .ranges_comparison import MEMORY, both_refuse, streams, text_of, written
from .study_tables import Columns, one_variant, simulated_studies

pytestmark = pytest.mark.usefixtures("small_ranges")

LeftOver = Callable[[], list[str]]


def some_studies() -> list[Columns]:
    return simulated_studies(np.random.default_rng(3), 3, 100)


def cut_short(study: Columns) -> io.BytesIO:
    """Return the text of a study whose last line ends early."""
    return io.BytesIO(text_of(study).getvalue().rsplit(b"\t", 2)[0] + b"\n")


NOTHING_LEFT: Columns = one_variant(beta="NA")

REFUSED: dict[str, tuple[Callable[[], list[Study]], dict[str, Any], str]] = {
    "no row can be used": (streams([NOTHING_LEFT, NOTHING_LEFT]), {}, "no row of any study can be used"),
    "no rows at all": (streams([{name: [] for name in one_variant()}]), {}, "no row of any study can be used"),
    "no row can be used, nor corrected": (
        streams([NOTHING_LEFT]),
        {"genomic_control": True, "genomic_control_variants": ["rs1"]},
        "none of its 1 variants",
    ),
    "all filtered out": (streams(some_studies()), {"filters": "se > 9"}, "no row of any study can be used"),
    "a list without variants of the studies": (
        streams(some_studies()),
        {"genomic_control": True, "genomic_control_variants": ["rs9999", "rs9998"]},
        "none of its 2 variants is in any study",
    ),
    "a line that is cut short": (
        lambda: [Study(text_of(some_studies()[0]), name="whole"), Study(cut_short(some_studies()[1]), name="cut")],
        {},
        "cut, line 101: ",
    ),
    "too few variants for a correlation": (
        streams(some_studies()),
        {"overlap": "estimated", "z_cutoff": 0.1},
        "100 are needed to estimate",
    ),
    "a matrix that is none of correlations": (
        streams(some_studies()),
        {"overlap": [[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]]},
        "not positive definite",
    ),
    "no sample sizes": (
        streams([{name: values for name, values in study.items() if name != "n"} for study in some_studies()]),
        {"methods": "sample_size"},
        "needs the number of samples",
    ),
    "no sexes": (streams(some_studies()), {"sex_differentiated": True}, "needs the sex"),
    "too many studies": (
        lambda: [Study("study.tsv", name=f"study{k}") for k in range(2**15)],
        {},
        "32,768 studies: no more than 32,767",
    ),
    "standard input twice": (lambda: [Study("-"), Study("-")], {}, "can be read only once"),
}


@pytest.mark.parametrize(("make", "options", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(
    make: Callable[[], list[Study]], options: dict[str, Any], message: str, left_over: LeftOver
) -> None:
    assert message in both_refuse(make, **options)
    assert left_over() == []


def test_a_damaged_file_among_others(tmp_path: Path, left_over: LeftOver) -> None:
    """It is read by a worker, while others are laid down."""
    paths = written(some_studies(), tmp_path)
    paths[1].write_bytes(paths[1].read_bytes()[:-9] + b"\n")
    assert f"{paths[1]}, line" in both_refuse(paths, genomic_control=True)
    assert left_over() == []


def test_a_file_that_is_gone_is_told_before_any_is_laid_down(tmp_path: Path, left_over: LeftOver) -> None:
    paths = written(some_studies(), tmp_path)
    paths[-1].unlink()
    told: list[str] = []
    with pytest.raises(GwasmetaError, match="there is no such file"):
        meta_analyze(paths, memory=MEMORY, progress=lambda what, *_: told.append(what))
    assert told == left_over() == []


# --- the disk ---------------------------------------------------------------------------------------------


def test_the_temporary_files_go_with_the_result(left_over: LeftOver) -> None:
    result: MetaResult | None = meta_analyze(some_studies(), memory=MEMORY, methods=("random", "fixed"))
    assert result is not None
    assert len(left_over()) == 1
    assert len(result.table) == 100  # read from them
    del result
    assert left_over() == []


def test_only_the_result_is_kept_when_it_is_there(left_over: LeftOver, tmp_path: Path) -> None:
    """The studies' rows are removed as soon as they have been combined."""
    result = meta_analyze(some_studies(), memory=MEMORY, genomic_control_result=True)
    (folder,) = left_over()
    assert not (tmp_path / "temporary" / folder / "studies").exists()
    assert len(result) == 100


def test_a_full_disk_is_told(left_over: LeftOver, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    def open_full(self: Path, *_: Any) -> Full:
        return Full()

    monkeypatch.setattr(column_files, "Path", Path)
    monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(GwasmetaError, match=r"No space left on device(.|\n)*TMPDIR"):
        meta_analyze(some_studies(), memory=MEMORY)
    assert left_over() == []


def test_no_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(GwasmetaError, match=r"cannot hold temporary files(.|\n)*TMPDIR"):
        meta_analyze(some_studies(), memory=MEMORY)


def test_a_file_that_is_cut_meanwhile(left_over: LeftOver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody cleans the temporary folder while the analysis goes on."""
    real = numbered_studies.sorted_by_variant

    def cut(study: Any) -> Any:
        in_order = real(study)
        path = in_order.rows.files.folder / "beta"
        path.write_bytes(path.read_bytes()[:-8])
        return in_order

    monkeypatch.setattr(numbered_studies, "sorted_by_variant", cut)
    with pytest.raises(GwasmetaError, match="beta: is shorter than it was written"):
        meta_analyze(some_studies(), memory=MEMORY)
    assert left_over() == []


def test_an_interruption_leaves_nothing(left_over: LeftOver) -> None:
    def interrupt(what: str, *_: Any) -> None:
        if what.startswith("combining"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        meta_analyze(some_studies(), memory=MEMORY, progress=interrupt)
    assert left_over() == []
