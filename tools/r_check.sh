#!/usr/bin/env bash
# Build and check the R package, and run its tests against this checkout with nothing skipped.
#
#   tools/r_check.sh [PYTHON]      PYTHON has gwasmeta installed; .venv/bin/python if not given
#
# Without R, it is installed from Debian's packages where that is possible. Where it is not, the check is skipped and
# says so, unless GWASMETA_REQUIRE_R=1.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
python="${1:-$root/.venv/bin/python}"
needed=(reticulate testthat ggplot2 data.table bit64 tibble)

packages_missing() {
    command -v R >/dev/null || return 0
    R --no-echo -e 'if (!all(commandArgs(TRUE) %in% rownames(installed.packages()))) quit(status = 1)' \
        --args "${needed[@]}" && return 1
    return 0
}

install_from_debian() {
    command -v apt-get >/dev/null || return 1
    local as_root=() libpython
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo)
    fi
    libpython="lib$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')" # reticulate loads it
    "${as_root[@]}" apt-get update -q
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -qy --no-install-recommends \
        r-base-core "${needed[@]/#/r-cran-}" "$libpython" python3-venv
}

if packages_missing && ! { install_from_debian && ! packages_missing; }; then
    echo "R is not installed, or lacks one of the packages ${needed[*]}: the R package is not checked" >&2
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
