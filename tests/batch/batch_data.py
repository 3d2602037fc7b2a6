"""What the tests of batches share: small studies of several traits, manifests of them, and compared folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TRAITS = ("height", "bmi", "waist")
STUDIES = ("ukb", "finns", "ours")
N_VARIANTS = 300


def write_studies(folder: Path, traits: tuple[str, ...] = TRAITS, seed: int = 1) -> None:
    """Write each trait's studies as TRAIT.STUDY.tsv: variants 100,000 base pairs apart, some with strong effects."""
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    for trait in traits:
        truth = np.where(rng.random(N_VARIANTS) < 0.1, rng.normal(0, 0.5, N_VARIANTS), 0)
        for number, study in enumerate(STUDIES):
            rows = np.sort(rng.permutation(N_VARIANTS)[: N_VARIANTS - 20 * number])
            columns = {
                "variant_id": [f"rs{row}" for row in rows],
                "chromosome": rows // 100 + 1,
                "base_pair_location": 100_000 * (rows % 100 + 1),
                "effect_allele": "A",
                "other_allele": "C",
                "effect_allele_frequency": rng.uniform(0.1, 0.9, len(rows)).round(4),
                "beta": rng.normal(truth[rows], 0.06).round(6),
                "standard_error": rng.uniform(0.03, 0.08, len(rows)).round(6),
                "n": rng.integers(900, 1100, len(rows)) * (number + 1),
            }
            pd.DataFrame(columns).to_csv(folder / f"{trait}.{study}.tsv", sep="\t", index=False)


def table_manifest(path: Path, traits: tuple[str, ...] = TRAITS) -> Path:
    """Write a table with a line for each study of each trait, those of a trait not beside each other."""
    lines = [f"{trait}\t{trait}.{study}.tsv\t{study}" for study in STUDIES for trait in traits]
    path.write_text("\n".join(["trait\tpath\tname", *lines]) + "\n")
    return path


def studies_of(folder: Path, trait: str) -> dict[str, str]:
    """Return a trait's studies as `gwasmeta.meta_analyze` takes them."""
    return {study: str(folder / f"{trait}.{study}.tsv") for study in STUDIES}


def result_files(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files of a batch; of the index without the seconds, which are never the same."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    if "index.tsv" in files:
        lines = [line.split(b"\t") for line in files["index.tsv"].splitlines()]
        place = lines[0].index(b"seconds")
        files["index.tsv"] = b"\n".join(b"\t".join(line[:place] + line[place + 1 :]) for line in lines)
    return files


def read_index(folder: Path) -> pd.DataFrame:
    """Return index.tsv by trait."""
    return pd.read_csv(folder / "index.tsv", sep="\t", keep_default_na=False, na_values=["NA"]).set_index("trait")


def n_lead_variants(table: pd.DataFrame, p: float, window: int) -> int:
    """Count greedily, comparing every candidate with every lead variant before it."""
    leads: list[tuple[int, int]] = []
    for row in (
        table[table["neg_log_10_p_value"] >= -np.log10(p)]
        .sort_values("neg_log_10_p_value", ascending=False)
        .itertuples()
    ):
        place = row.chromosome, row.base_pair_location
        if all(place[0] != lead[0] or abs(place[1] - lead[1]) >= window for lead in leads):
            leads.append(place)
    return len(leads)
