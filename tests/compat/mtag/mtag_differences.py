"""Which runs differ from the original's, in what, and the name of the reason in docs/differences.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """What is not compared with the original's run, because a difference of that name is at work in it."""

    name: str
    matrices: bool = False
    tables: bool = False
    summary: bool = False


DIFFERENCES = {
    "06a_numerical_omega_two": Difference("numerical_omega", matrices=True, tables=True),
    "06b_numerical_omega_perfect": Difference("numerical_omega", matrices=True, tables=True),
    "06c_numerical_omega_three": Difference("numerical_omega", matrices=True, tables=True, summary=True),
    "07_meta_aligned": Difference("meta_format_groups", tables=True, summary=True),
    "07_meta_no3only": Difference("meta_format_alleles", tables=True, summary=True),
    "07_meta_two_aligned": Difference("meta_format_summary", summary=True),
    "07_meta_valid3": Difference("meta_format_summary", summary=True),
    "14a_nmin_mafmin": Difference("maf_min_given", matrices=True, tables=True, summary=True),
    "24_dup_first_fails": Difference("duplicated_ids", matrices=True, tables=True, summary=True),
    "36_meta_fdr": Difference("meta_format_summary", summary=True),
    "27_no_allele_flipping": Difference("no_allele_flipping", matrices=True, tables=True, summary=True),
}

# The original stops; ours gives the result that was asked for.
WORKS_HERE = {
    "07_meta": "meta_format_groups",
    "14b_nmax": "n_max",
    "34_freq_one": "frequency_0_or_1",
    "35_meta_homogNs": "meta_format_homogNs",
    "37_numerical_bigz": "numerical_omega",
    "38_include_header_snpid": "snp_list_header",
    "39_dup_first_na": "duplicated_ids",
    "40_n_value_with_n_column": "n_value_and_column",
}

# The original stops, or refuses the option; ours says what is wrong.
REFUSED = {
    "21_use_beta_se": "trait 1 has no column for beta, standard_error",
    "22a_low_chi2": "trait 2 .*mean of z² is 1.0068",
    "29_median_z_cutoff": "trait 1 .*median of z is -0.00992",
    "41_low_chi2_renamed": "trait 1 .*mean of z² is 1.0068",
    "42_equal_h2_only": "--equal_h2 without --perfect_gencov",
}
