"""Genotypes with known causal alleles, their regressions by hand, and the files that tools would write of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy.stats import t

FloatArray = npt.NDArray[np.float64]

_BITS = {2.0: 0b00, 1.0: 0b10, 0.0: 0b11}  # by copies of the first allele; 0b01 is missing
_PAIRS = (("A", "C"), ("G", "A"), ("T", "C"), ("A", "T"), ("C", "G"), ("G", "GTT"))
N_SNPS, N_WITH_MISSING = 24, 4
CAUSAL = {5: 0.6, 12: -0.5}  # SNP: effect of a copy of its first allele


@dataclass(frozen=True)
class Cohort:
    """Genotypes and traits of some people.

    Attributes
    ----------
    first, second : tuple of str
        The alleles of each SNP, in the order of the .bim: by no means the minor allele first.
    copies : array, shape (n_snps, n_samples)
        Copies of the first allele, NaN for missing ones; there are such in the last `N_WITH_MISSING` SNPs.
    trait, covariate : arrays, shape (n_samples,)
    is_case : bool array, shape (n_samples,)
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    copies: FloatArray
    trait: FloatArray
    covariate: FloatArray
    is_case: npt.NDArray[np.bool_]

    @cached_property
    def n(self) -> FloatArray:
        """Samples with a genotype."""
        return (~np.isnan(self.copies)).sum(axis=1).astype(float)

    @cached_property
    def frequency(self) -> FloatArray:
        """Frequency of the first allele."""
        return np.nanmean(self.copies, axis=1) / 2

    def linear(self, with_covariate: bool = False) -> Estimates:
        """Regress the trait on copies of the first allele, by least squares."""
        fits = []
        for copies in self.copies:
            known = ~np.isnan(copies)
            columns = [np.ones(known.sum()), copies[known], *([self.covariate[known]] if with_covariate else [])]
            design = np.column_stack(columns)
            inverse = np.linalg.inv(design.T @ design)
            coefficients = inverse @ design.T @ self.trait[known]
            n_free = known.sum() - design.shape[1]
            variance = np.sum((self.trait[known] - design @ coefficients) ** 2) / n_free
            error = np.sqrt(variance * inverse[1, 1])
            fits.append((coefficients[1], error, 2 * t.sf(abs(coefficients[1] / error), n_free)))
        return Estimates(self, *np.array(fits).T)

    def mixed(self, kinship: FloatArray, variance_ratio: FloatArray) -> Estimates:
        """Regress the trait on copies of the first allele, by generalised least squares.

        The covariance is that of a mixed model whose ratio of variances is known: ratio * kinship + identity.
        """
        fits = []
        for copies, ratio in zip(self.copies, variance_ratio, strict=False):
            precision = np.linalg.inv(ratio * kinship + np.eye(len(self.trait)))
            design = np.column_stack([np.ones(len(self.trait)), copies])
            inverse = np.linalg.inv(design.T @ precision @ design)
            coefficients = inverse @ design.T @ precision @ self.trait
            residuals = self.trait - design @ coefficients
            variance = residuals @ precision @ residuals / (len(self.trait) - 2)
            error = np.sqrt(variance * inverse[1, 1])
            fits.append((coefficients[1], error, 2 * t.sf(abs(coefficients[1] / error), len(self.trait) - 2)))
        return Estimates(self, *np.array(fits).T)

    def logistic(self) -> Estimates:
        """Regress being a case on copies of the first allele."""
        fits = []
        for copies in self.copies:
            known = ~np.isnan(copies)
            fit = sm.Logit(self.is_case[known].astype(float), sm.add_constant(copies[known])).fit(disp=False)
            fits.append((fit.params[1], fit.bse[1], fit.pvalues[1]))
        return Estimates(self, *np.array(fits).T)

    def write(self, prefix: Path) -> Path:
        """Write PLINK files, and `.phe` and `.cov` with the trait and the covariate; the .fam has the disease."""
        packed = bytearray(b"\x6c\x1b\x01")
        for snp in self.copies:
            bits = [_BITS.get(value, 0b01) for value in snp.tolist()]
            for start in range(0, len(bits), 4):
                packed.append(sum(two << (2 * place) for place, two in enumerate(bits[start : start + 4])))
        prefix.with_suffix(".bed").write_bytes(packed)
        people = [f"f{i} i{i}" for i in range(len(self.trait))]
        _write(prefix, ".fam", (f"{who} 0 0 1 {1 + case}" for who, case in zip(people, self.is_case, strict=True)))
        _write(prefix, ".phe", (f"{who} {value:.12f}" for who, value in zip(people, self.trait, strict=True)))
        _write(prefix, ".cov", (f"{who} {value:.12f}" for who, value in zip(people, self.covariate, strict=True)))
        alleles = zip(self.first, self.second, strict=True)
        _write(prefix, ".bim", (f"1\trs{k}\t0\t{1000 * k + 1000}\t{a}\t{b}" for k, (a, b) in enumerate(alleles)))
        return prefix


def _write(prefix: Path, ending: str, lines: Iterable[str]) -> None:
    prefix.with_suffix(ending).write_text("".join(f"{line}\n" for line in lines))


@dataclass(frozen=True)
class Estimates:
    """Effects of copies of the first allele of each SNP of a cohort."""

    cohort: Cohort
    beta: FloatArray
    standard_error: FloatArray
    p_value: FloatArray


def simulated_cohort(seed: int, n_samples: int = 300) -> Cohort:
    """Draw genotypes, two of which matter."""
    rng = np.random.default_rng(seed)
    frequency = np.linspace(0.15, 0.85, N_SNPS)
    copies = rng.binomial(2, frequency[:, None], (N_SNPS, n_samples)).astype(float)
    covariate = rng.normal(size=n_samples)
    score = sum(effect * copies[snp] for snp, effect in CAUSAL.items()) + 0.3 * covariate
    trait = score + rng.normal(size=n_samples)
    is_case = rng.random(n_samples) < 1 / (1 + np.exp(-(score - np.median(score))))
    hidden = rng.random((N_WITH_MISSING, n_samples)) < 0.05
    copies[-N_WITH_MISSING:][hidden] = np.nan
    pairs = [_PAIRS[k % len(_PAIRS)] for k in range(N_SNPS)]
    return Cohort(
        tuple(a for a, _ in pairs), tuple(b for _, b in pairs), copies, trait.astype(float), covariate, is_case
    )


def run(program: str, *arguments: object, folder: Path) -> None:
    """Run a program; skip the test without it."""
    if shutil.which(program) is None:
        pytest.skip(f"needs the program {program} (apt-get install {program})")
    done = subprocess.run(
        [program, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- what tools that are not free to install would write of the same regression -----------------------------

_BY_HAND: dict[str, tuple[str, str]] = {
    "snptest": (
        "alternate_ids rsid chromosome position alleleA alleleB info all_AA all_AB all_BB all_NULL all_total all_maf"
        " frequentist_add_pvalue frequentist_add_info frequentist_add_beta_1 frequentist_add_se_1 comment",
        "--- {id} 1 {pos} {second} {first} 1 {aa} {ab} {bb} 0 {n} {maf} {p} 1 {beta} {se} NA",
    ),
    "regenie": (
        "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA",
        "1 {pos} {id} {second} {first} {freq} {n} ADD {beta} {se} 1 {log10p} NA",
    ),
    "saige": (
        "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 MissingRate BETA SE Tstat var p.value N",
        "1 {pos} {id} {second} {first} 9 {freq} 0 {beta} {se} 1 1 {p} {n}",
    ),
    "bolt": (
        "SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ F_MISS BETA SE P_BOLT_LMM_INF",
        "{id} 1 {pos} 0.1 {first} {second} {freq} 0 {beta} {se} {p}",
    ),
    "bgenie": (
        "chr rsid pos a_0 a_1 af info y_beta y_se y_t y-log10p",
        "1 {id} {pos} {second} {first} {freq} 1 {beta} {se} {z} {log10p}",
    ),
    "fastgwa": (
        "CHR SNP POS A1 A2 N AF1 BETA SE P",
        "1 {id} {pos} {first} {second} {n} {freq} {beta} {se} {p}",
    ),
}
BY_HAND = tuple(_BY_HAND)


def write_by_hand(tool: str, estimates: Estimates, path: Path) -> Path:
    """Write estimates as a tool would, with its idea of which allele comes first."""
    header, line = _BY_HAND[tool]
    cohort = estimates.cohort
    lines = [header]
    for k in range(N_SNPS):
        lines.append(
            line.format(
                id=f"rs{k}",
                pos=1000 * k + 1000,
                first=cohort.first[k],
                second=cohort.second[k],
                aa=np.sum(cohort.copies[k] == 0),
                ab=np.sum(cohort.copies[k] == 1),
                bb=np.sum(cohort.copies[k] == 2),
                n=int(cohort.n[k]),
                freq=cohort.frequency[k],
                maf=min(cohort.frequency[k], 1 - cohort.frequency[k]),
                beta=estimates.beta[k],
                se=estimates.standard_error[k],
                z=estimates.beta[k] / estimates.standard_error[k],
                p=estimates.p_value[k],
                log10p=-np.log10(estimates.p_value[k]),
            )
        )
    path.write_text("\n".join(lines) + "\n")
    return path


# --- the real programs --------------------------------------------------------------------------------------


def plink_linear(prefix: Path) -> Path:
    """PLINK 1.9 --linear, without standard errors, and the .frq of the same run beside it."""
    run("plink1.9", "--bfile", prefix, "--pheno", f"{prefix}.phe", "--linear", "--freq", "--out", prefix.name,
        folder=prefix.parent)  # fmt: skip
    return prefix.parent / f"{prefix.name}.assoc.linear"


def plink_qassoc(prefix: Path) -> Path:
    """PLINK 1.9 --assoc of a quantitative trait, which names no allele, and the .frq of the same run."""
    run("plink1.9", "--bfile", prefix, "--pheno", f"{prefix}.phe", "--assoc", "--freq", "--out", prefix.name,
        folder=prefix.parent)  # fmt: skip
    return prefix.parent / f"{prefix.name}.qassoc"


def plink2_linear(prefix: Path) -> Path:
    """PLINK 2 --glm."""
    run("plink2", "--bfile", prefix, "--pheno", f"{prefix}.phe", "--pheno-col-nums", 3, "--glm", "allow-no-covars",
        "cols=+a1freq", "--out", prefix.name, folder=prefix.parent)  # fmt: skip
    return prefix.parent / f"{prefix.name}.PHENO1.glm.linear"


def gemma_lm(prefix: Path) -> Path:
    """GEMMA -lm; it fills missing genotypes in with the mean."""
    return _gemma(prefix, "lm", "-lm", 4)


def gemma_lmm(prefix: Path, kinship: FloatArray) -> Path:
    """GEMMA -lmm with a given kinship."""
    np.savetxt(prefix.with_suffix(".kinship"), kinship, fmt="%.12g")
    return _gemma(prefix, "lmm", "-k", prefix.with_suffix(".kinship"), "-lmm", 4)


def _gemma(prefix: Path, name: str, *arguments: object) -> Path:
    folder = prefix.parent / "gemma"
    folder.mkdir(exist_ok=True)
    for ending in (".bed", ".bim"):
        shutil.copy(prefix.with_suffix(ending), folder / f"{prefix.name}{ending}")
    traits = [line.split()[2] for line in prefix.with_suffix(".phe").read_text().splitlines()]
    people = [line.split()[:5] for line in prefix.with_suffix(".fam").read_text().splitlines()]
    _write(folder / prefix.name, ".fam", [" ".join([*who, y]) for who, y in zip(people, traits, strict=True)])
    run("gemma", "-bfile", prefix.name, *arguments, "-maf", 0, "-miss", 1, "-o", f"{prefix.name}_{name}", folder=folder)
    return folder / "output" / f"{prefix.name}_{name}.assoc.txt"


BY_PROGRAMS: dict[str, Callable[[Path], Path]] = {
    "plink1.9 --linear": plink_linear,
    "plink1.9 --assoc": plink_qassoc,
    "plink2 --glm": plink2_linear,
    "gemma -lm": gemma_lm,
}
