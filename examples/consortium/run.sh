#!/usr/bin/env bash
# The whole project, from the cohorts' files to the report.
set -euo pipefail
cd "$(dirname "$0")"
./0_receive.sh
./1_combine.sh
Rscript 2_loci.R
python3 3_follow_up.py
gwasmeta report results/height --title "Height in five cohorts" --out results/height.html --quiet
echo "report: results/height.html"
