"""The metadata that GWAS-SSF has beside its table, as YAML."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gwasmeta.errors import GwasmetaError

SSF_VERSION = "GWAS-SSF v1.0"

# The fields of the standard, in its order.
FIELDS = (
    *("gwas_id", "author_notes", "gwas_catalog_api", "date_metadata_last_modified", "trait_description"),
    *("ontology_mapping", "genome_assembly", "coordinate_system", "genotyping_technology", "imputation_panel"),
    *("imputation_software", "samples", "sex", "data_file_name", "file_type", "data_file_md5sum", "analysis_software"),
    *("adjusted_covariates", "minor_allele_freq_lower_limit", "is_harmonised", "is_sorted"),
    "harmonisation_reference",
)


def metadata_path(table: str | os.PathLike[str]) -> Path:
    """Return the name of the metadata that belong to a table of GWAS-SSF."""
    return Path(f"{os.fspath(table)}-meta.yaml")


def read_metadata(given: str | os.PathLike[str] | Mapping[str, Any] | None) -> dict[str, Any]:
    """Return fields of metadata that the caller gives, as a mapping or as the path of a YAML file.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or a field is none of the standard's.
    """
    if given is None:
        return {}
    where = "metadata" if isinstance(given, Mapping) else os.fspath(given)
    fields = dict(given) if isinstance(given, Mapping) else _loaded(where)
    unknown = [str(name) for name in fields if name not in FIELDS]
    if unknown:
        raise GwasmetaError(
            f"{where}: {', '.join(unknown)}: no field of the metadata of GWAS-SSF\n  It has: {', '.join(FIELDS)}"
        )
    return fields


def _loaded(path: str) -> dict[str, Any]:
    import yaml

    try:
        loaded = yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise GwasmetaError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GwasmetaError(f"{path}: is no YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise GwasmetaError(f"{path}: is no list of fields; write lines such as  trait_description: [height]")
    return loaded


def metadata_text(
    table: Path, written: Path, known: Mapping[str, Any], given: Mapping[str, Any], *, version: str = SSF_VERSION
) -> str:
    """Write the metadata of a table.

    Parameters
    ----------
    table : path
        The table's name.
    written : path
        Where it lies now, for its checksum.
    known : mapping
        What gwasmeta knows of it.
    given : mapping
        What the caller says; wins.
    version : str
        Of the standard.
    """
    import yaml

    with written.open("rb") as file:
        checksum = hashlib.file_digest(file, "md5").hexdigest()
    fields = {
        "genome_assembly": "NR",
        "coordinate_system": "1-based",
        **{name: value for name, value in known.items() if value is not None},
        **given,
        "data_file_name": table.name,
        "file_type": version,
        "data_file_md5sum": checksum,
        "date_metadata_last_modified": datetime.date.today(),
    }
    ordered = {name: fields[name] for name in FIELDS if name in fields}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True)


def metadata_beside(table: str) -> dict[str, Any]:
    """Return the metadata that lie beside a table, under any name that the Catalog gives them; none if none do."""
    for name in (f"{table}-meta.yaml", f"{table}.yaml"):
        if os.path.isfile(name):
            return _loaded(name)
    return {}
