#!/usr/bin/env bash
# Build and check the R package, and run its tests against this checkout with nothing skipped.
#
#   tools/r_check.sh [PYTHON]      PYTHON has gwasmeta installed; .venv/bin/python if not given
#
# Without R and the packages that tools/test_programs.sh installs, the check is skipped and says so; with
# GWASMETA_REQUIRE_R=1 it fails.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
python="${1:-$root/.venv/bin/python}"
needed=(reticulate ggplot2 ggrepel testthat knitr rmarkdown data.table bit64 tibble)

if ! command -v R >/dev/null ||
    ! R --no-echo -e 'if (!all(commandArgs(TRUE) %in% rownames(installed.packages()))) quit(status = 1)' \
        --args "${needed[@]}"; then
    echo "R is not installed, or lacks one of the packages ${needed[*]}: the R package is not checked." >&2
    echo "tools/test_programs.sh installs them from Debian's packages." >&2
    [ "${GWASMETA_REQUIRE_R:-}" != 1 ] || exit 1
    exit 0
fi

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [ -d "$root/../shared/golden" ]; then GWASMETA_SHARED="$(cd "$root/../shared" && pwd)" && export GWASMETA_SHARED; fi
export RETICULATE_PYTHON="$python" GWASMETA_REQUIRE_R=1 RETICULATE_MINICONDA_ENABLED=FALSE
export _R_CHECK_SYSTEM_CLOCK_=0 _R_CHECK_CRAN_INCOMING_=false # no network is needed
R CMD build "$root/rpkg"
if ! R CMD check --no-manual gwasmeta_*.tar.gz || ! grep -q '^Status: OK$' gwasmeta.Rcheck/00check.log; then
    cat gwasmeta.Rcheck/00install.out gwasmeta.Rcheck/tests/*.Rout* >&2 || true
    echo "R CMD check has found something" >&2
    exit 1
fi
summary="$(grep -E '^\[ FAIL [0-9]+ \|' gwasmeta.Rcheck/tests/testthat.Rout | tail -n 1)"
echo "testthat: $summary"
if [ -n "${GWASMETA_SHARED:-}" ] && ! grep -q 'SKIP 0' <<<"$summary"; then
    echo "tests were skipped, and nothing is missing for them" >&2
    grep -B1 -A20 'Skipped tests' gwasmeta.Rcheck/tests/testthat.Rout >&2
    exit 1
fi
