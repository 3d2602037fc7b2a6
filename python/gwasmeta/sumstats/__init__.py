"""One study: dialects, reading, checks, alleles, and the writing of tables."""
