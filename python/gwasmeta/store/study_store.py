"""The public face of a store of studies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gwasmeta.cluster import Cluster
from gwasmeta.errors import GwasmetaError
from gwasmeta.store.adding import Addition, add_study
from gwasmeta.store.checking import PROBLEM_COLUMNS, problems_of_store
from gwasmeta.store.many_additions import add_studies
from gwasmeta.store.places import StorePlaces
from gwasmeta.sumstats.reader import RowProgress
from gwasmeta.sumstats.stored_study import (
    ENTRY,
    PREFIX,
    ROWS,
    STUDIES,
    StoredStudy,
    refuse_no_store,
    store_place,
    stored_study,
)
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from gwasmeta.sumstats.study import StudySource

_LIST_COLUMNS = (
    *("name", "rows", "n", "n_cases", "n_controls", "inflation_factor", "sex", "dialect"),
    *("source", "sha256", "added", "version"),
)


class StudyStore:
    """Studies that have been read and checked once, as Parquet, a folder a chromosome.

    Parameters
    ----------
    path : path, optional
        The store's folder; that of the environment variable GWASMETA_STORE, or `gwasmeta-store` in the current folder,
        if not given. `add` makes it.

    Examples
    --------
    >>> import gwasmeta
    >>> store = gwasmeta.StudyStore("consortium")  # doctest: +SKIP
    >>> store.add(gwasmeta.Study("finns.txt.gz", name="FINNS", n=18_500))  # doctest: +SKIP
    >>> gwasmeta.meta_analyze([store.study(name) for name in store.names])  # doctest: +SKIP
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = store_place(path).absolute()
        self._places = StorePlaces(self.path)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the studies, in the order of the alphabet.

        Raises
        ------
        GwasmetaError
            If there is no store in the folder, or one of another layout.
        """
        refuse_no_store(self.path)
        return tuple(sorted(entry.parent.name for entry in (self.path / STUDIES).glob(f"*/{ENTRY}")))

    def add(
        self, study: Study | StudySource, *, name: str | None = None, progress: RowProgress | None = None
    ) -> Addition:
        """Read a study, check it and keep it; replace the one of that name.

        Nothing is done where the store has the study from the same file, read by the same options. A study that is
        replaced stays until the new one is whole, also if the process is killed.

        Parameters
        ----------
        study : Study, path, frame or mapping of columns
        name : str, optional
            What it is called in the store; the study's own name if not given.
        progress : callable, optional
            Called with the number of rows read so far.

        Returns
        -------
        Addition

        Raises
        ------
        GwasmetaError
            If the study cannot be read, no row of it can be used, its name is none for a store, or the store cannot
            be written. The store is then as it was before.
        """
        given = study if isinstance(study, Study) else Study(study)
        return add_study(self._places, given if name is None else replace(given, name=name), progress)

    def add_all(
        self,
        studies: Iterable[Study | StudySource],
        *,
        progress: Callable[[int, int], None] | None = None,
        cluster: Cluster = None,
    ) -> Sequence[Addition]:
        """Add several studies, as `add` does each; one that cannot be added does not keep out the others.

        Parameters
        ----------
        studies : iterable of path, frame or Study
            All with names of their own.
        progress : callable, optional
            Called with how many studies are done, and how many there are.
        cluster : int, str or distributed.Client, optional
            Where the studies are read: on so many processes of this machine, or on the workers of a Dask scheduler, at
            an address or by its client, which see the files and the store under the same paths; here, one after the
            other, if not given.

        Returns
        -------
        sequence of Addition
            In the order of the studies.

        Raises
        ------
        GwasmetaError
            If some studies cannot be added, with the reason of each: the others are in the store then.
        """
        given = [study if isinstance(study, Study) else Study(study) for study in studies]
        return add_studies(self._places, given, cluster, progress)

    def list(self) -> pd.DataFrame:
        """Return a row a study: rows, samples, lambda, where it came from and when.

        Raises
        ------
        GwasmetaError
            If there is no store, or the entry of a study is damaged.
        """
        import pandas as pd

        entries = [StoredStudy.read(self._places.study(name)) for name in self.names]
        rows = [vars(entry) | {"sex": entry.options["sex"]} for entry in entries]
        table = pd.DataFrame(rows, columns=list(_LIST_COLUMNS))
        numbers = ("n", "n_cases", "n_controls", "inflation_factor")
        return table.astype(dict.fromkeys(numbers, "float64"))

    def study(self, name: str) -> Study:
        """Return a study of the store, for any function that takes studies.

        Parameters
        ----------
        name : str
            What the study is called in the store.

        Returns
        -------
        Study

        Raises
        ------
        GwasmetaError
            If there is no such study.
        """
        return Study(f"{PREFIX}{self.path}/{name}")

    def about(self, name: str) -> StoredStudy:
        """Return what the store says of a study: where its rows come from, and what the checks found.

        Parameters
        ----------
        name : str
            What the study is called in the store.

        Returns
        -------
        StoredStudy

        Raises
        ------
        GwasmetaError
            If there is no such study.
        """
        return stored_study(f"{PREFIX}{self.path}/{name}")[1]

    def scan(self, name: str) -> pl.LazyFrame:
        """Return the rows of a study as a lazy Polars frame; a filter on `chromosome` reads that chromosome only.

        Parameters
        ----------
        name : str
            What the study is called in the store.

        Returns
        -------
        polars.LazyFrame
            In the order of chromosomes and positions; `source_line` says where a row stood in the study's file.

        Raises
        ------
        GwasmetaError
            If there is no such study.
        """
        import polars as pl

        stored = self.about(name)
        rows = self._places.study(name) / stored.data / ROWS
        files = [rows / file.path for file in stored.files]
        return pl.scan_parquet(files, hive_partitioning=True, hive_schema={"chromosome": pl.String})

    def remove(self, name: str) -> None:
        """Take a study out of the store.

        Parameters
        ----------
        name : str
            What the study is called in the store.

        Raises
        ------
        GwasmetaError
            If there is no such study.
        """
        if name not in self.names:
            stored_study(f"{PREFIX}{self.path}/{name}")  # says what is wrong
        with self._places.locked(name):
            if self._places.study(name).is_dir():
                self._places.withdraw(name)

    def check(self) -> pd.DataFrame:
        """Compare every file with what the store says of it.

        Returns
        -------
        pandas.DataFrame
            A row a damage: `study`, `path`, `problem` and `remedy`. Empty where nothing is damaged.

        Raises
        ------
        GwasmetaError
            If there is no store in the folder, or one of another layout.
        """
        import pandas as pd

        problems = [problem for name in self.names for problem in problems_of_store(self._places, name)]
        return pd.DataFrame(problems, columns=list(PROBLEM_COLUMNS))

    def leftovers(self) -> tuple[Path, ...]:
        """Return the folders that killed additions have left, or that additions are writing right now."""
        refuse_no_store(self.path)
        return tuple(self._places.leftovers())

    def __repr__(self) -> str:
        try:
            n_studies = len(self.names)
        except GwasmetaError:
            return f"StudyStore({str(self.path)!r}), which does not exist yet"
        return f"StudyStore({str(self.path)!r}) of {n_studies:,} {'study' if n_studies == 1 else 'studies'}"
