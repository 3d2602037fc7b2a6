"""One trait, many studies: variants, alignment, sums, result."""
