"""The golden runs of METAL, and how `gwasmeta metal` differs from each: names of differences, and how many markers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_TESTS = frozenset({"HetISq", "HetChiSq", "HetPVal"})
_AVERAGES = frozenset({"Freq1", "FreqSE"})


@dataclass(frozen=True)
class Run:
    """How a run differs.

    Attributes
    ----------
    differing : mapping of str to int
        On METAL's input: how many markers each difference explains.
    remaining : mapping of str to int, optional
        On rewritten input; None where there is nothing to rewrite.
    columns : mapping of str to frozenset of str
        Differences in whole columns.
    passed_over : mapping of str to (str, str or None)
        Lines of the script that METAL passes over: the difference, and what our error says; None if it is none here.
    compared : bool
        Whether METAL's tables are those of the script without these lines.
    """

    differing: Mapping[str, int] = field(default_factory=dict)
    remaining: Mapping[str, int] | None = field(default_factory=dict)
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    passed_over: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    compared: bool = True


RUNS: dict[str, Run] = {
    "edge_metal/b_se_gc_hp": Run(
        differing={"no_alleles": 11},
        remaining={"frequency_missing": 32, "heterogeneity_p_underflows": 55, "last_digit": 8},
    ),
    "edge_metal/b_se_hp": Run(
        differing={"heterogeneity_p_underflows": 62, "no_alleles": 11}, remaining={"heterogeneity_p_underflows": 62}
    ),
    "edge_metal/b_ss": Run(
        differing={"no_alleles": 12, "no_direction": 14, "weight_not_positive": 27},
        remaining={"weight_not_positive": 8},
    ),
    "edge_metal/b_ss_gc": Run(
        differing={"no_alleles": 12, "no_direction": 14}, remaining={"heterogeneity_p_underflows": 23}
    ),
    "edge_metal/ov_freq": Run(
        remaining={"last_digit": 1, "overlap_correlation": 667, "overlap_frequencies": 1574},
        columns={"overlap_frequencies": _AVERAGES},
    ),
    "edge_metal/ov_gc": Run(remaining={"overlap_correlation": 315}),
    "edge_metal/ov_het": Run(
        remaining={"last_digit": 1, "overlap_correlation": 667, "overlap_heterogeneity": 1531},
        columns={"overlap_heterogeneity": _TESTS},
    ),
    "edge_metal/ov_off": Run(),
    "edge_metal/ov_order": Run(remaining={"last_digit": 2, "overlap_correlation": 42}),
    "edge_metal/ov_stderr_refused": Run(
        passed_over={"OVERLAP ON": ("refused_command_stops", "cannot be used with SCHEME STDERR")}
    ),
    "edge_metal/ov_z05": Run(),
    "edge_metal/ov_z1": Run(remaining={"last_digit": 1, "overlap_correlation": 667}),
    "edge_metal/ov_z2": Run(),
    "edge_metal/se": Run(
        differing={"effect_is_text": 44, "last_digit": 14, "no_alleles": 4}, remaining={"last_digit": 14}
    ),
    "edge_metal/se_csv": Run(
        differing={
            "effect_is_text": 1,
            "empty_field": 12,
            "frequency_missing": 11,
            "heterogeneity_always": 525,
            "last_digit": 1,
            "no_alleles": 1,
        },
        remaining=None,
    ),
    "edge_metal/se_custom": Run(
        differing={
            "custom_sums_in_full": 25,
            "effect_is_text": 44,
            "heterogeneity_p_underflows": 48,
            "last_digit": 14,
            "no_alleles": 4,
        },
        remaining={"custom_sums_in_full": 25, "heterogeneity_p_underflows": 48, "last_digit": 14},
    ),
    "edge_metal/se_duphdr": Run(),
    "edge_metal/se_filter_eq": Run(differing={"effect_is_text": 1, "last_digit": 1}, remaining={"last_digit": 1}),
    "edge_metal/se_filter_ne": Run(
        differing={"effect_is_text": 5, "last_digit": 1, "no_alleles": 3}, remaining={"last_digit": 1}
    ),
    "edge_metal/se_filters": Run(
        differing={"effect_is_text": 29, "heterogeneity_p_underflows": 32, "last_digit": 10, "no_alleles": 4},
        remaining={"heterogeneity_p_underflows": 32, "last_digit": 10},
        passed_over={
            "ADDFILTER CHR = X": ("refused_command_stops", "X is none"),
            "ADDFILTER INFO =< 1": ("refused_command_stops", "there is no condition =<"),
            "ADDFILTER EAF IN 1,2": ("refused_command_stops", "stand in brackets"),
            "ADDFILTER INFO": ("refused_command_stops", "something is missing"),
        },
    ),
    "edge_metal/se_first_allele_missing": Run(
        remaining=None,
        passed_over={"PROCESS ../../../data_edge/q1.txt": ("first_allele_needed", "q1.txt: there is no column XX")},
        compared=False,
    ),
    "edge_metal/se_flip_het": Run(
        differing={
            "effect_is_text": 23,
            "flip_heterogeneity": 1403,
            "heterogeneity_p_underflows": 27,
            "last_digit": 12,
            "no_alleles": 10,
        },
        remaining={"flip_heterogeneity": 1421, "heterogeneity_p_underflows": 28, "last_digit": 12},
        columns={"flip_heterogeneity": _TESTS},
    ),
    "edge_metal/se_freq_hp": Run(
        differing={"effect_is_text": 44, "frequency_missing": 60, "last_digit": 18, "no_alleles": 4},
        remaining={"frequency_missing": 35, "last_digit": 18},
    ),
    "edge_metal/se_gc_freq_hp": Run(
        differing={"effect_is_text": 44, "no_alleles": 4}, remaining={"frequency_missing": 35, "last_digit": 18}
    ),
    "edge_metal/se_gc_hp_het": Run(
        differing={"effect_is_text": 44, "no_alleles": 4},
        remaining={"heterogeneity_p_underflows": 37, "last_digit": 16},
    ),
    "edge_metal/se_gc_novalid": Run(),
    "edge_metal/se_gclist": Run(
        differing={"effect_is_text": 44, "marker_spelling": 1, "no_alleles": 4},
        remaining={"heterogeneity_p_underflows": 38, "last_digit": 14, "marker_spelling": 1},
    ),
    "edge_metal/se_gcvalue": Run(
        differing={"effect_is_text": 44, "heterogeneity_p_underflows": 46, "last_digit": 16, "no_alleles": 4},
        remaining={"heterogeneity_p_underflows": 47, "last_digit": 16},
    ),
    "edge_metal/se_guess": Run(
        remaining=None,
        passed_over={"PROCESS ../../../data_edge/one.txt": ("second_allele_needed", "one.txt: there is no column NEA")},
        compared=False,
    ),
    "edge_metal/se_guess_het_fail": Run(
        remaining=None,
        passed_over={"PROCESS ../../../data_edge/one.txt": ("second_allele_needed", "one.txt: there is no column NEA")},
        compared=False,
    ),
    "edge_metal/se_hp_het": Run(
        differing={"effect_is_text": 44, "heterogeneity_p_underflows": 48, "last_digit": 14, "no_alleles": 4},
        remaining={"heterogeneity_p_underflows": 48, "last_digit": 14},
    ),
    "edge_metal/se_lenient_ragged": Run(remaining=None),
    "edge_metal/se_logp": Run(
        differing={"effect_is_text": 44, "heterogeneity_p_underflows": 48, "last_digit": 13, "no_alleles": 4},
        remaining={"heterogeneity_p_underflows": 48, "last_digit": 13},
    ),
    "edge_metal/se_missingcols": Run(
        differing={"effect_is_text": 7, "frequency_missing": 13, "last_digit": 3, "no_alleles": 3},
        remaining={"frequency_missing": 6, "last_digit": 3},
        passed_over={
            "PROCESS ../../../data_edge/q6.txt": ("missing_column_stops", "q6.txt: there is no column EAF"),
            "PROCESS ../../../data_edge/nosuch.txt": ("missing_column_stops", "nosuch.txt: there is no such file"),
            "PROCESS ../../../data_edge/q4alt.txt": (
                "missing_column_stops",
                "q4alt.txt: there is no column MARKERNAME",
            ),
        },
    ),
    "edge_metal/se_nan": Run(
        differing={"effect_is_text": 1, "frequency_missing": 6, "last_digit": 2, "no_alleles": 2, "not_finite": 29},
        remaining=None,
    ),
    "edge_metal/se_nan_gc": Run(differing={"effect_is_text": 1, "no_alleles": 2, "not_finite": 19}, remaining=None),
    "edge_metal/se_noalleles": Run(differing={"effect_is_text": 44, "last_digit": 15}, remaining={"last_digit": 15}),
    "edge_metal/se_order_hp": Run(
        differing={"effect_is_text": 44, "last_digit": 15, "marker_spelling": 1, "no_alleles": 9},
        remaining={"last_digit": 15, "marker_spelling": 1},
    ),
    "edge_metal/se_strand_het": Run(
        differing={
            "effect_is_text": 44,
            "half_complemented": 2,
            "heterogeneity_p_underflows": 48,
            "last_digit": 14,
            "no_alleles": 4,
        },
        remaining={"half_complemented": 2, "heterogeneity_p_underflows": 48, "last_digit": 14},
        passed_over={
            "PROCESS ../../../data_edge/q5.txt": ("missing_column_stops", "q5.txt: there is no column STRAND")
        },
    ),
    "edge_metal/se_strand_hp": Run(
        differing={"effect_is_text": 36, "half_complemented": 2, "last_digit": 14, "no_alleles": 3},
        remaining={"half_complemented": 2, "last_digit": 14},
        passed_over={
            "PROCESS ../../../data_edge/q5.txt": ("missing_column_stops", "q5.txt: there is no column STRAND")
        },
    ),
    "edge_metal/se_strict_ragged": Run(
        remaining=None, passed_over={"PROCESS ../../../data_edge/blankfirst.txt": ("blank_first_line", None)}
    ),
    "edge_metal/se_tab": Run(
        differing={"effect_is_text": 15, "empty_field": 2, "last_digit": 7, "no_alleles": 3}, remaining=None
    ),
    "edge_metal/se_track": Run(
        differing={"effect_is_text": 44, "last_digit": 14, "no_alleles": 4}, remaining={"last_digit": 14}
    ),
    "edge_metal/se_track_het_fail": Run(
        differing={"effect_is_text": 44, "heterogeneity_always": 1713, "last_digit": 14, "no_alleles": 4},
        remaining={"heterogeneity_always": 1714, "last_digit": 14},
    ),
    "edge_metal/se_verbose": Run(
        differing={"effect_is_text": 5, "frequency_missing": 2, "heterogeneity_p_underflows": 1},
        remaining={"frequency_missing": 2, "heterogeneity_p_underflows": 1},
    ),
    "edge_metal/ss": Run(
        differing={"last_digit": 1, "no_alleles": 6, "no_direction": 50, "weight_not_positive": 47},
        remaining={"last_digit": 1, "weight_not_positive": 18},
    ),
    "edge_metal/ss_csv_both": Run(
        differing={"last_digit": 5, "no_alleles": 4, "no_direction": 11, "weight_not_positive": 2}, remaining=None
    ),
    "edge_metal/ss_defwarn": Run(
        differing={"last_digit": 7, "no_alleles": 3, "no_direction": 12, "weight_not_positive": 1},
        remaining={"last_digit": 7},
    ),
    "edge_metal/ss_freq": Run(
        differing={
            "frequency_missing": 55,
            "last_digit": 6,
            "no_alleles": 6,
            "no_direction": 50,
            "weight_not_positive": 47,
        },
        remaining={"frequency_missing": 34, "last_digit": 6, "weight_not_positive": 18},
    ),
    "edge_metal/ss_gc_freq": Run(
        differing={"no_alleles": 6, "no_direction": 50, "weight_not_positive": 47},
        remaining={"frequency_missing": 34, "last_digit": 5, "weight_not_positive": 18},
    ),
    "edge_metal/ss_gc_het": Run(
        differing={"no_alleles": 5, "no_direction": 50}, remaining={"heterogeneity_p_underflows": 25, "last_digit": 1}
    ),
    "edge_metal/ss_gc_novalid_first": Run(),
    "edge_metal/ss_gclist_schemefail": Run(
        differing={"marker_spelling": 1, "no_alleles": 6, "no_direction": 50, "weight_not_positive": 47},
        remaining={"marker_spelling": 1, "weight_not_positive": 18},
        passed_over={"SCHEME STDERR": ("list_creates_no_markers", None)},
    ),
    "edge_metal/ss_het": Run(
        differing={"heterogeneity_p_underflows": 41, "last_digit": 2, "no_alleles": 5, "no_direction": 50},
        remaining={"heterogeneity_p_underflows": 41, "last_digit": 2},
    ),
    "edge_metal/ss_het_fail": Run(
        differing={"no_abort": 1504, "no_alleles": 31, "no_direction": 64, "weight_not_positive": 47},
        remaining={"no_abort": 1620, "weight_not_positive": 18},
        columns={"no_abort": frozenset({"row"})},
    ),
    "edge_metal/ss_logp": Run(
        differing={"no_alleles": 6, "no_direction": 50, "weight_not_positive": 47},
        remaining={"weight_not_positive": 18},
    ),
    "edge_metal/ss_minweight": Run(
        differing={"no_alleles": 5, "no_direction": 49, "weight_not_positive": 47},
        remaining={"weight_not_positive": 18},
    ),
    "edge_metal/ss_nan": Run(
        differing={"last_digit": 1, "no_alleles": 2, "no_direction": 4, "not_finite": 30}, remaining=None
    ),
    "edge_metal/ss_noN": Run(
        differing={"heterogeneity_p_underflows": 4, "last_digit": 4, "no_alleles": 3, "no_direction": 20},
        remaining={"heterogeneity_p_underflows": 4, "last_digit": 4},
    ),
    "edge_metal/ss_noeffect": Run(
        remaining=None,
        passed_over={"PROCESS ../../../data_edge/q1.txt": ("direction_needed", "q1.txt: there is no column nosuch")},
        compared=False,
    ),
    "edge_metal/ss_overlap": Run(
        differing={"no_alleles": 5, "no_direction": 50}, remaining={"last_digit": 8, "overlap_correlation": 228}
    ),
    "edge_metal/ss_pfatal": Run(),
    "edge_metal/ss_strand": Run(
        differing={
            "half_complemented": 2,
            "last_digit": 1,
            "no_alleles": 4,
            "no_direction": 44,
            "weight_not_positive": 39,
        },
        remaining={"half_complemented": 2, "last_digit": 1, "weight_not_positive": 14},
        passed_over={
            "PROCESS ../../../data_edge/q5.txt": ("missing_column_stops", "q5.txt: there is no column STRAND")
        },
    ),
    "edge_metal/ss_verbose": Run(
        differing={"no_direction": 5, "weight_not_positive": 3}, remaining={"weight_not_positive": 1}
    ),
    "edge_metal/ss_w0": Run(differing={"no_direction": 1}),
    "edge_metal/ss_w0_het": Run(
        differing={"heterogeneity_always": 29, "no_direction": 1}, remaining={"heterogeneity_always": 29}
    ),
    "real_metal/custom_N_missing_col": Run(
        differing={"no_direction": 32},
        passed_over={
            "PROCESS ../../../data_real/magic_SARDINIA.tbl": (
                "missing_column_stops",
                "magic_SARDINIA.tbl: there is no column N",
            )
        },
    ),
    "real_metal/custom_total": Run(differing={"custom_sums_in_full": 2495}, remaining={"custom_sums_in_full": 2495}),
    "real_metal/default_weight": Run(differing={"no_direction": 57}),
    "real_metal/filter_in_verbose": Run(),
    "real_metal/filter_in_verbose_se": Run(),
    "real_metal/filter_num": Run(),
    "real_metal/flip": Run(),
    "real_metal/gc_value": Run(),
    "real_metal/gc_value_lt1": Run(),
    "real_metal/lenient": Run(),
    "real_metal/logpvalue": Run(),
    "real_metal/minweight": Run(differing={"no_direction": 57}),
    "real_metal/minweight_se": Run(),
    "real_metal/outfile_twice": Run(differing={"no_direction": 32}, remaining=None),
    "real_metal/se": Run(),
    "real_metal/se_freq_hp": Run(),
    "real_metal/se_gc": Run(),
    "real_metal/se_gc_freq_hp": Run(),
    "real_metal/se_gc_het_hp": Run(),
    "real_metal/se_gc_hp": Run(),
    "real_metal/se_het_hp": Run(),
    "real_metal/se_hp": Run(),
    "real_metal/se_track_het_freq_gc_hp": Run(),
    "real_metal/ss": Run(differing={"no_direction": 57}),
    "real_metal/ss_freq": Run(differing={"no_direction": 57}),
    "real_metal/ss_gc": Run(differing={"no_direction": 57}),
    "real_metal/ss_gc_freq": Run(differing={"no_direction": 57}),
    "real_metal/ss_gc_het": Run(differing={"no_direction": 57}),
    "real_metal/ss_het": Run(differing={"no_direction": 57}),
    "real_metal/ss_overlap": Run(differing={"no_direction": 57}, remaining={"last_digit": 1}),
    "real_metal/ss_overlap_freq": Run(
        differing={"no_direction": 57},
        remaining={"last_digit": 1, "overlap_frequencies": 2318},
        columns={"overlap_frequencies": _AVERAGES},
    ),
    "real_metal/ss_overlap_gc": Run(differing={"no_direction": 57}),
    "real_metal/ss_overlap_het": Run(
        differing={"no_direction": 57},
        remaining={"last_digit": 1, "overlap_heterogeneity": 1207},
        columns={"overlap_heterogeneity": _TESTS},
    ),
    "real_metal/ss_overlap_z2": Run(differing={"no_direction": 57}),
    "real_metal/ss_track": Run(differing={"no_direction": 57}),
    "real_metal/strand_fusion": Run(differing={"no_direction": 32}),
}
