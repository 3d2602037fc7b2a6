#!/usr/bin/env bash
# Stands for what the cohorts upload: the embedded example's files, one of them as a table out of a spreadsheet.
set -euo pipefail
mkdir -p incoming
example="$(python3 -c 'import gwasmeta; from pathlib import Path; print(Path(gwasmeta.example_studies()["maple"]).parent)')"
cp "$example"/{alder.gwama.txt.gz,birch.glm.linear.gz,cedar.regenie.gz,rowan.metal.txt.gz} incoming/
{
  echo "Chr,Pos,Coded allele,Other allele,Effect,Std. error,Coded freq,P,SNP,Quality,Samples"
  gzip -dc "$example/maple.tsv.gz" | tail -n +2 | tr '\t' ','
} > incoming/maple.csv
