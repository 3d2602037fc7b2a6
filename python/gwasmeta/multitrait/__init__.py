"""Many traits: clean each, keep the common SNPs, estimate how the traits covary, and estimate each from all."""
