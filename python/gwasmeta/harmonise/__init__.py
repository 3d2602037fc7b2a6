"""One study brought to a reference: strand, alleles, ids, positions of another build; and written in any format."""
