"""The golden runs of GWAMA: their command lines, inputs and outputs, and how to repeat them."""

from __future__ import annotations

import gzip
import shlex
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path

import pandas as pd
from gwama_rows import StudyRows

from gwasmeta.cli import main

OURS = "gwasmeta: "  # how our lines on standard output begin


@dataclass(frozen=True)
class Output:
    """What a run printed and the files that it wrote, by their endings.

    Attributes
    ----------
    status : int
    stdout, stderr : str
    files : dict of str to str
        "out", "gc.out", "err.out", "log.out", as far as they are there.
    """

    status: int
    stdout: str
    stderr: str
    files: dict[str, str]

    @cached_property
    def table(self) -> pd.DataFrame:
        """ROOT.out as words, by marker."""
        lines = [line.split("\t") for line in self.files["out"].splitlines()]
        table = pd.DataFrame(lines[1:], columns=lines[0], dtype=object).set_index("rs_number")
        assert table.index.is_unique
        return table


@dataclass(frozen=True)
class GoldenRun:
    """One run of GWAMA."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def words(self) -> list[str]:
        """The command line behind GWAMA."""
        (line,) = [line for line in _text(self.folder / "command.txt").splitlines() if line.startswith("GWAMA ")]
        return shlex.split(line.partition(" > ")[0])[1:]

    @cached_property
    def root(self) -> str:
        return self.words[self.words.index("-o") + 1] if "-o" in self.words else "gwama"

    @cached_property
    def fixed_twin(self) -> GoldenRun | None:
        """Of a random-effects run, the one with fixed effects of the same studies; -gco changes only p-values."""
        wanted = [word for word in self.words if word not in {"-r", "-gco"}]
        if "-r" not in self.words:
            return None
        others = (GoldenRun(folder) for folder in sorted(self.folder.parent.iterdir()))
        return next((run for run in others if run.words == wanted and run.paths == self.paths), None)

    @cached_property
    def expected(self) -> pd.DataFrame:
        """GWAMA's table; for markers of one study, by random effects, with the estimates of the fixed-effects run.

        GWAMA makes up a between-study variance of such markers from rounding errors.
        """
        table = self.output.table
        if self.fixed_twin is None:
            return table
        table, fixed = table.copy(), self.fixed_twin.output.table
        assert table.index.equals(fixed.index)
        for counted in [column for column in table if column.endswith("n_studies")]:
            prefix = counted.removesuffix("n_studies")
            effects = [f"{prefix}{name}" for name in ("beta", "se", "OR", "OR_se", "z")]
            effects += [f"{prefix}{name}_95{side}" for name in ("beta", "OR") for side in "LU"]
            columns = [column for column in effects if column in table]
            single = table[counted] == "1"
            table.loc[single, columns] = fixed.loc[single, columns]
        return table

    @cached_property
    def filters(self) -> list[tuple[str, str, float]]:
        places = [place for place, word in enumerate(self.words) if word == "--filter"]
        return [(self.words[k + 1].upper(), self.words[k + 2], float(self.words[k + 3])) for k in places]

    @cached_property
    def paths(self) -> list[str]:
        """The studies' paths as the list of files gives them."""
        listed = _text(self.folder / "gwama.in") if (self.folder / "gwama.in").exists() else ""
        return [line.split()[0] for line in listed.splitlines() if line.strip()]

    @cached_property
    def output(self) -> Output:
        """What GWAMA put out."""
        texts = {ending: self.folder / f"{self.root}.{ending}" for ending in ("out", "gc.out", "err.out", "log.out")}
        return Output(
            int(_text(self.folder / "exit_code.txt")),
            _text(self.folder / "stdout.txt"),
            _text(self.folder / "stderr.txt"),
            {ending: _text(path) for ending, path in texts.items() if _stored(path) is not None},
        )

    @cached_property
    def studies(self) -> list[StudyRows]:
        """The studies as GWAMA reads them."""
        return [StudyRows.read(self.folder, path) for path in self.paths]


def repeat(run: GoldenRun, where: Path, rewritten: Sequence[StudyRows] = ()) -> Output:
    """Repeat a run with `gwasmeta gwama` below a folder, on its files or on rewritten ones in their places."""
    shared = run.folder.parents[2]
    work = where / "runs" / run.folder.parent.name / run.name
    work.mkdir(parents=True)
    for data in shared.glob("data_*"):
        (where / data.name).mkdir()
        for file in data.iterdir():
            (where / data.name / file.name).symlink_to(file)
    if (run.folder / "gwama.in").exists():
        (work / "gwama.in").write_text(_text(run.folder / "gwama.in"))
    for study in rewritten:
        study.write(work)
    printed, told = StringIO(), StringIO()
    with chdir(work), redirect_stdout(printed), redirect_stderr(told):
        status = main(["gwama", *run.words])
    endings = {path.name.removeprefix(f"{run.root}."): path for path in work.iterdir() if path.name != "gwama.in"}
    files = {ending: path.read_text() for ending, path in endings.items()}
    return Output(status, printed.getvalue(), told.getvalue(), files)


def _stored(path: Path) -> Path | None:
    return next((name for name in (path, path.with_name(f"{path.name}.gz")) if name.exists()), None)


def _text(path: Path) -> str:
    stored = _stored(path)
    assert stored is not None, path
    read: Callable[[bytes], bytes] = gzip.decompress if stored.suffix == ".gz" else bytes
    return read(stored.read_bytes()).decode()
