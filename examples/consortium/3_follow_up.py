"""Python: whether the inflation is polygenic, and what goes to the replication cohorts."""

from pathlib import Path

import pandas as pd

import gwasmeta

results = Path("results")
panel = Path(gwasmeta.example_ld_scores()).parent / "cohorts"  # of your ancestry: gwasmeta ldscores fetch, or compute

heritability = gwasmeta.ldsc_h2({"height": results / "height.tsv"}, ld_scores=panel)
heritability.write(results / "heritability")
intercept = heritability.table["intercept"].item()
print(f"LD score regression: intercept {intercept:.2f}; above 1 it would speak of stratification")

loci = pd.read_csv(results / "loci.tsv", sep="\t")
chosen = loci[loci["stands"]].sort_values("p_value")
table = pd.read_csv(results / "height.tsv", sep="\t")
alleles = ["variant_id", "effect_allele", "other_allele", "effect_allele_frequency"]
chosen.merge(table[alleles], on="variant_id").to_csv(results / "follow_up.tsv", sep="\t", index=False)
print(f"{len(chosen)} of {len(loci)} loci for the replication: results/follow_up.tsv")
