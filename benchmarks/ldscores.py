"""Time how LD scores are computed from simulated genotypes, and how fast a panel of them is read."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from measure import Usage, measure

_N_WARM_UP_SNPS = 500
_KEPT_FROM_THE_SNP_BEFORE = 0.9  # of the alleles: LD that fades within some ten SNPs
_CODES = np.array([0b11, 0b10, 0b00], dtype=np.uint8)  # PLINK's, of 0, 1 and 2 copies of the first allele
_GENOME = 2_880_000_000  # base pairs


class RunFailedError(Exception):
    """A command ended with an error."""


def write_genotypes(prefix: Path, n_snps: int, n_samples: int) -> None:
    """Write PLINK files of SNPs in LD, spread evenly over 22 chromosomes of equal length."""
    rng = np.random.default_rng(1)
    alleles = np.zeros(2 * n_samples, dtype=np.uint8)
    with prefix.with_suffix(".bed").open("wb") as bed:
        bed.write(b"\x6c\x1b\x01")
        for frequency in rng.uniform(0.01, 0.99, n_snps):
            fresh = rng.random(2 * n_samples) >= _KEPT_FROM_THE_SNP_BEFORE
            alleles[fresh] = rng.random(np.count_nonzero(fresh)) < frequency
            codes = np.zeros(-(-n_samples // 4) * 4, dtype=np.uint8)
            codes[:n_samples] = _CODES[alleles[::2] + alleles[1::2]]
            fours = codes.reshape(-1, 4)
            bed.write((fours[:, 0] | fours[:, 1] << 2 | fours[:, 2] << 4 | fours[:, 3] << 6).tobytes())
    chromosome, place = np.divmod(np.arange(n_snps) * (_GENOME // n_snps), _GENOME // 22 + 1)
    with prefix.with_suffix(".bim").open("w") as bim:
        for snp in range(n_snps):
            bim.write(f"{chromosome[snp] + 1}\trs{snp}\t0\t{place[snp] + 1}\tA\tC\n")
    prefix.with_suffix(".fam").write_text("".join(f"f{i} i{i} 0 0 0 -9\n" for i in range(n_samples)))


def _run(words: Sequence[str], folder: Path) -> Usage:
    executable = shutil.which("gwasmeta", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    usage = measure([str(executable), "ldscores", *words], folder, folder / "log.txt")
    if usage.exit_code:
        raise RunFailedError((folder / "log.txt").read_text())
    return usage


def _print_row(what: str, usage: Usage) -> None:
    print(f"{what:52}{usage.wall_seconds:>8.2f}{usage.cpu_seconds:>8.2f}{usage.peak_bytes / 1e6:>9.0f}", flush=True)


def time_compute(options: argparse.Namespace, folder: Path) -> None:
    """Print what computing LD scores costs, with windows of several widths."""
    write_genotypes(folder / "small", _N_WARM_UP_SNPS, options.samples)
    _run(["compute", "--bfile", "small", "--out", "small"], folder)  # compiles
    write_genotypes(folder / "genotypes", options.snps, options.samples)
    what = f"compute: {options.snps:,} SNPs x {options.samples:,} people"
    for window in options.windows:
        usage = _run(["compute", "--bfile", "genotypes", "--out", "scores", "--window-snps", str(window)], folder)
        _print_row(f"{what}, +-{window} SNPs", usage)


def time_reading(panel: Path, folder: Path) -> None:
    """Print what reading a panel costs, the start of Python included: parsed, and from the cache."""
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    _run(["info", str(panel)], folder)  # compiles
    shutil.rmtree(folder / "cache")
    for what in ("parsed, and kept in the cache", "from the cache"):
        _print_row(f"info: {panel.name}, {what}", _run(["info", str(panel)], folder))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snps", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--windows", type=int, nargs="+", default=[50, 500], help="SNPs on either side (50 500)")
    parser.add_argument("--panel", type=Path, help="folder of LD scores whose reading is timed")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="gwasmeta_ldscores_") as name:
        print(f"{'':52}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        try:
            time_compute(options, Path(name))
            if options.panel:
                time_reading(options.panel.resolve(), Path(name))
        except RunFailedError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
