"""Lists of SNPs to include or to exclude."""

from __future__ import annotations

from collections.abc import Sequence

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import read_stored

_ALWAYS_KNOWN = "SNP"


def read_lists(paths: Sequence[str], snp_name: str) -> list[str] | None:
    """Return the ids in some lists, together.

    Parameters
    ----------
    paths : sequence of str
    snp_name : str
        What the lists' headers call the ids, if not SNP.

    Returns
    -------
    list of str or None
        None if there is no list.

    Raises
    ------
    GwasmetaError
        If a list cannot be read, or its header does not have the name.
    """
    return [snp for path in paths for snp in _read_ids(path, snp_name)] if paths else None


def _read_ids(path: str, snp_name: str) -> list[str]:
    lines = read_stored(path).splitlines()
    header = _fields(lines[0]) if lines else []
    known = [name for name in (_ALWAYS_KNOWN, snp_name) if name in header]
    if not known:
        raise GwasmetaError(
            f"{path}, line 1: a list of SNPs needs the header {_ALWAYS_KNOWN} or {snp_name} above its ids,"
            f" and has {lines[0][:60] if lines else 'nothing'!r}"
        )
    place = header.index(known[0])
    return [fields[place] for line in lines[1:] if len(fields := _fields(line)) > place]


def _fields(line: str) -> list[str]:
    return [field.strip(' "\t') for field in (line.split(",") if "," in line else line.split())]
