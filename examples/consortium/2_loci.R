# R: does each locus stand without any one cohort, and if the cohorts' true effects differ?
library(gwasmeta)

significant <- 5e-8
still_strong <- 1e-5 # without one cohort there is less to find it with
result <- meta_analyze(
  read_manifest("studies.yaml"),
  methods = c("fixed", "random"), tau_squared = "REML", hartung_knapp = TRUE, leave_one_out = TRUE, progress = FALSE
)
loci <- lead_variants(result, p = significant)

without <- as.matrix(loci[paste0("without_", result$studies$study, "_p_value")])
without[is.na(without)] <- 0 # the cohort does not have the variant: nothing changes without it
loci$weakest_without <- result$studies$study[max.col(without, ties.method = "first")]
loci$largest_p_without <- apply(without, 1, max)
loci$stands <- loci$largest_p_without < still_strong & loci$cochran_q_p_value > 0.05 / nrow(loci)

columns <- c(
  "variant_id", "chromosome", "base_pair_location", "beta", "p_value", "random_p_value", "i_squared",
  "cochran_q_p_value", "weakest_without", "largest_p_without", "stands"
)
write.table(loci[columns], "results/loci.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
cat(nrow(loci), "loci,", sum(loci$stands), "of them stand without any one cohort and do not differ between cohorts\n")
