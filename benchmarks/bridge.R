#!/usr/bin/env Rscript
# Time a data frame of a million rows and ten columns from R to Python and back: Rscript benchmarks/bridge.R
# Needs the R package, and its Python (RETICULATE_PYTHON=.venv/bin/python in a checkout).
suppressPackageStartupMessages(library(gwasmeta))

n <- 1e6
frame <- data.frame(
  id = paste0("rs", seq_len(n)), chromosome = rep(as.character(1:20), n / 20), allele = rep(c("A", "C"), n / 2),
  position = seq_len(n), n = rep(c(3e9, NA), n / 2), kept = rep(c(TRUE, NA, FALSE, TRUE), n / 4),
  beta = sin(seq_len(n)), error = cos(seq_len(n)), p = seq_len(n) / n, info = rep(1L, n)
)
invisible(gwasmeta:::connect())
values <- reticulate::import("gwasmeta.interop.plain_values", convert = FALSE)
for (run in 1:3) {
  to_python <- system.time(there <- values$from_plain(gwasmeta:::to_plain(frame)))[["elapsed"]]
  to_r <- system.time(back <- gwasmeta:::from_plain(reticulate::py_to_r(values$to_plain(there))))[["elapsed"]]
  stopifnot(identical(back, frame))
  cat(sprintf("R to Python %.2f s, Python to R %.2f s\n", to_python, to_r))
}
