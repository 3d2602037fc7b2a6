in_ldsc <- function(call, answer) {
  in_python(
    "traits, panel = gwasmeta.example_traits(), gwasmeta.example_ld_scores()",
    paste("result =", call), paste("value =", answer)
  )
}

test_that("heritabilities are Python's to the last bit", {
  skip_without_python()
  result <- ldsc_h2(example_traits(), ld_scores = example_ld_scores(), progress = FALSE)
  expect_s3_class(result, "gwas_ldsc")
  expect_same(result$table, in_ldsc("gwasmeta.ldsc_h2(traits, ld_scores=panel)", "result.table"))
  expect_same(result$log, in_ldsc("gwasmeta.ldsc_h2(traits, ld_scores=panel)", "result.log"))
  given <- ldsc_h2(example_traits(),
    ld_scores = example_ld_scores(), intercept = c(height = 1.02, weight = NA, waist = 1), two_step = NULL,
    chi_squared_max = 60, n_blocks = 50, sample_prevalence = c(0.4, NA, NA), population_prevalence = c(0.02, NA, NA),
    m = 1e5, progress = FALSE
  )
  options <- paste(
    "intercept={'height': 1.02, 'weight': math.nan, 'waist': 1.}, two_step=None, chi_squared_max=60, n_blocks=50,",
    "sample_prevalence=[.4, math.nan, math.nan], population_prevalence=[.02, math.nan, math.nan], m=1e5"
  )
  expect_same(given$table, in_ldsc(paste0("gwasmeta.ldsc_h2(traits, ld_scores=panel, ", options, ")"), "result.table"))
})

test_that("genetic correlations are Python's to the last bit", {
  skip_without_python()
  result <- ldsc_rg(example_traits(), ld_scores = example_ld_scores(), progress = FALSE)
  call <- "gwasmeta.ldsc_rg(traits, ld_scores=panel)"
  expect_same(result$table, in_ldsc(call, "result.table"))
  for (name in c("genetic_correlation", "genetic_covariance", "intercept", "intercept_standard_error")) {
    expect_same(as.data.frame(result[[name]]), in_ldsc(call, paste0("result.", name)))
  }
  expect_identical(rownames(result$genetic_correlation), names(example_traits()))
  known <- matrix(c(1, 0, 0, 0, 1, 0, 0, 0, NA), 3)
  given <- ldsc_rg(example_traits(),
    ld_scores = example_ld_scores(), pairs = "first", intercepts = known, progress = FALSE
  )
  options <- "pairs='first', intercepts=[[1, 0, 0], [0, 1, 0], [0, 0, math.nan]]"
  expect_same(given$table, in_ldsc(paste0("gwasmeta.ldsc_rg(traits, ld_scores=panel, ", options, ")"), "result.table"))
})

test_that("a trait is munged as in Python, and is a trait of a regression", {
  skip_without_python()
  traits <- example_traits()
  munged <- lapply(traits, munge, maf_min = 0.05, info_min = NULL)
  expect_same(munged$height$table, in_ldsc(
    "gwasmeta.munge(traits['height'], maf_min=.05, info_min=None)", "result.table"
  ))
  expect_same(munged$height$log, in_ldsc("gwasmeta.munge(traits['height'], maf_min=.05, info_min=None)", "result.log"))
  expect_identical(as.data.frame(munged$height), munged$height[["table"]])
  result <- ldsc_h2(munged, ld_scores = example_ld_scores(), progress = FALSE)
  call <- "gwasmeta.ldsc_h2([gwasmeta.munge(traits[t], maf_min=.05, info_min=None) for t in traits], ld_scores=panel)"
  expect_same(result$table, in_ldsc(call, "result.table"))
  one <- ldsc_h2(munged$height, ld_scores = example_ld_scores(), progress = FALSE)
  expect_identical(one$table, result$table[1, ], ignore_attr = TRUE)
  expect_output(print(munged$height), "^height: [0-9,]+ SNPs; mean chi-squared")
})

test_that("results are printed and written", {
  skip_without_python()
  result <- ldsc_rg(example_traits(), ld_scores = example_ld_scores(), progress = FALSE)
  expect_output(print(result), "LD score regression: genetic correlation\n.*height +weight")
  expect_output(print(summary(result)), "Summary of Genetic Correlation Results")
  folder <- tempfile("out ")
  dir.create(folder)
  written <- write_results(result, file.path(folder, "rg"))
  expect_setequal(basename(written), c("rg.tsv", "rg.log", "rg.log.tsv", "rg.json"))
  munged <- write_results(munge(example_traits()[["height"]]), file.path(folder, "height"))
  again <- munge(munged[grepl("sumstats", munged)], maf_min = NULL, info_min = NULL)
  expect_gt(again$n_snps, 1000)
  expect_error(ldsc_rg(example_traits()[1], ld_scores = example_ld_scores()), "two traits", class = "gwasmeta_error")
})

test_that("LD scores that were not fetched are asked for in R's words", {
  skip_without_python()
  expect_error(fetch_ld_scores("no_such_panel"), "no panel that can be fetched; there is eur_w_ld_chr",
    class = "gwasmeta_error"
  )
})
