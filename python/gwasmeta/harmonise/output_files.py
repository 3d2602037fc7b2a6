"""The files that a study is written to, and the index of its table."""

from __future__ import annotations

import os
from pathlib import Path

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.ssf_metadata import metadata_path
from gwasmeta.sumstats.study_formats import StudyFormat

_BLOCKED = (".gz", ".bgz")
_ENDINGS = {".gz", ".bgz", ".zst", ".tsv", ".txt", ".csv", ".vcf", ".parquet", ".sumstats"}


def output_paths(shape: StudyFormat, out: Path, tabix: bool) -> dict[str, Path]:
    """Return the paths of the table, its log, and where there are such of its metadata and its index.

    Raises
    ------
    GwasmetaError
        If the name is none for a file, or none for a file that has an index.
    """
    if not out.name or os.fspath(out).endswith(("/", os.sep)):
        raise GwasmetaError(f"{out}: is no name for a file; add one, such as {out / ('study' + shape.ending)}")
    table = out if out.suffix else out.with_name(out.name + shape.ending)
    if tabix and table.suffix.lower() not in _BLOCKED:
        raise GwasmetaError(f"{table}: an index needs a compressed file; call it {table}.gz")
    if tabix and shape.name == "parquet":
        raise GwasmetaError(f"{table}: tabix does not index Parquet; --sort sorts it")
    paths = {"table": table, "log": table.with_name(f"{_stem(table)}.log.tsv")}
    if shape.name == "ssf":
        paths["metadata"] = metadata_path(table)
    if tabix:
        paths["index"] = Path(f"{table}.tbi")
    return paths


def _stem(table: Path) -> str:
    while table.suffix.lower() in _ENDINGS and table.stem:
        table = table.with_suffix("")
    return table.name


def write_index(table: Path, index: Path, is_vcf: bool) -> None:
    """Index a table that is sorted and compressed in blocks, as tabix does.

    Raises
    ------
    GwasmetaError
        If pysam is not installed.
    """
    try:
        import pysam
    except ImportError:
        raise GwasmetaError("an index needs pysam\n  Install it:  pip install 'gwasmeta[vcf]'") from None
    if is_vcf:
        pysam.tabix_index(str(table), preset="vcf", index=str(index), force=True)
    else:
        pysam.tabix_index(str(table), seq_col=0, start_col=1, end_col=1, line_skip=1, index=str(index), force=True)
