#!/usr/bin/env bash
# Installs what the tests run beside Python, from Debian's packages: R with the packages that ours needs or is compared
# with, the programs whose real output is read, the validator of VCF files, and the browser that opens the report.
set -euo pipefail

packages=(
  r-base-core r-cran-reticulate r-cran-ggplot2 r-cran-testthat r-cran-knitr r-cran-rmarkdown r-cran-metafor
  r-cran-ggrepel r-cran-data.table r-cran-tibble r-cran-bit64 r-cran-rlang qpdf
  plink1.9 plink2 gemma bcftools tabix chromium
)
# reticulate loads Python as a library, which Debian packs apart from the interpreter.
libpython="libpython$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

if ! command -v apt-get > /dev/null; then
  echo "No Debian packages here: the tests that need R or other programs are skipped unless these are installed."
  exit 0
fi
missing=()
for package in "${packages[@]}" "$libpython"; do
  dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2> /dev/null; then
    echo "The tests that need them are skipped until these are there: sudo apt-get install ${missing[*]}"
    exit 0
  fi
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
available=()
for package in "${missing[@]}"; do
  if apt-cache show "$package" > /dev/null 2>&1; then available+=("$package"); else echo "No Debian package $package here."; fi
done
[ ${#available[@]} -eq 0 ] ||
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${available[@]}" > /dev/null
