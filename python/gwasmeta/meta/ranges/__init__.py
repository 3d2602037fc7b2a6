"""A meta-analysis in ranges of variants: rows lie on disk by variant, and every range is computed by itself."""
