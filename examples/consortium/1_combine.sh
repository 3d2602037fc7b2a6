#!/usr/bin/env bash
# Shell: look at the file whose headings are nobody's, then combine all cohorts.
set -euo pipefail
mkdir -p results
columns='chromosome=Chr,base_pair_location=Pos,effect_allele=Coded allele,other_allele=Other allele,beta=Effect'
columns+=',standard_error=Std. error,effect_allele_frequency=Coded freq,p_value=P,variant_id=SNP,info=Quality,n=Samples'
gwasmeta inspect incoming/maple.csv --column "$columns" --quiet > results/maple.txt
gwasmeta meta --studies studies.yaml --method fixed,random --out results/height --quiet
