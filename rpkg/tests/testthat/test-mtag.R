# Two traits with common causes, without files: sigma is given, so that no LD scores are needed.
traits <- local({
  set.seed(20240611)
  m <- 4000
  shared <- rnorm(m, sd = 0.01)
  n <- c(50000, 80000)
  frequency <- round(runif(m, 0.05, 0.5), 4)
  pairs <- rep_len(c("AC", "AG", "CT", "GT"), m)
  trait <- function(k) {
    standard_error <- 1 / sqrt(2 * frequency * (1 - frequency) * n[k])
    beta <- shared * sqrt(0.5 / (frequency * (1 - frequency))) + rnorm(m, sd = standard_error)
    data.frame(
      variant_id = paste0("rs", seq_len(m)), chromosome = as.character(rep(1:20, each = m / 20)),
      base_pair_location = rep(seq_len(m / 20) * 1000L, 20), effect_allele = substr(pairs, 1, 1),
      other_allele = substr(pairs, 2, 2), beta = beta, standard_error = standard_error,
      effect_allele_frequency = frequency, n = n[k]
    )
  }
  list(height = trait(1), weight = trait(2))
})

written_traits <- function() {
  folder <- tempfile("traits ")
  dir.create(folder)
  paths <- c(height = file.path(folder, "height.tsv"), weight = file.path(folder, "weight.tsv"))
  for (name in names(paths)) data.table::fwrite(traits[[name]], paths[[name]], sep = "\t")
  paths
}

run <- function(paths, options, answer) {
  in_python(paste0("result = gwasmeta.mtag(", python_paths(paths), ", ", options, ")"), paste0("value = ", answer))
}

test_that("results are Python's to the last bit", {
  skip_without_python()
  paths <- written_traits()
  result <- mtag(paths, sigma = diag(2), progress = FALSE)
  options <- "sigma=np.eye(2)"
  expect_same(result$traits$height, run(paths, options, "result.traits['height'].table"))
  expect_same(result$traits$weight, run(paths, options, "result.traits['weight'].table"))
  expect_same(result$summary, run(paths, options, "result.summary.reset_index()"))
  expect_same(as.data.frame(result$omega), run(paths, options, "result.omega"))
  expect_same(as.data.frame(result$genetic_correlation), run(paths, options, "result.genetic_correlation"))
  expect_same(result$log, run(paths, options, "result.log"))
  expect_identical(rownames(result$sigma), c("height", "weight"))
})

test_that("options arrive", {
  skip_without_python()
  paths <- written_traits()
  result <- mtag(paths,
    sigma = diag(2), omega = "likelihood", covariance = "perfect_correlation", standardised = TRUE, maf_min = 0.1,
    n_min = 10, chromosomes = c(1, 2:5), exclude = "rs7", filters = "se < 0.02", ambiguous = TRUE,
    mean_chi_squared_min = 0, progress = FALSE
  )
  options <- paste(
    "sigma=np.eye(2), omega='likelihood', covariance='perfect_correlation', standardised=True, maf_min=.1,",
    "n_min=10, chromosomes=['1', '2', '3', '4', '5'], exclude=['rs7'], filters='se < 0.02', ambiguous=True,",
    "mean_chi_squared_min=0"
  )
  expect_same(result$traits$height, run(paths, options, "result.traits['height'].table"))
  expect_false("rs7" %in% result$traits$height$variant_id)
  few <- paste0("rs", 1:1000)
  some <- mtag(paths, sigma = diag(2), include = few, maf_min = NULL, progress = FALSE)
  expect_identical(some$traits$height$variant_id, few)
  expect_error(
    mtag(paths, sigma = diag(2), include = "rs12345", progress = FALSE), "SNP", class = "gwasmeta_error"
  )
  same <- mtag(paths, sigma = diag(2), covariance = "identical_traits", progress = FALSE)
  expect_named(same$traits, "combined")
})

test_that("data frames are traits, and tables can be had together or one by one", {
  skip_without_python()
  result <- mtag(traits, sigma = diag(2), progress = FALSE)
  both <- as.data.frame(result)
  expect_identical(nrow(both), 2L * result$n_snps)
  expect_identical(unique(both$trait), c("height", "weight"))
  expect_identical(both[both$trait == "weight", -1]$beta, as.data.frame(result, trait = "weight")$beta)
  expect_error(as.data.frame(result, trait = "bmi"), "the traits are height, weight", class = "gwasmeta_error")
  expect_true("traits" %in% .DollarNames(result, ""))
})

test_that("the largest false discovery rates are Python's", {
  skip_without_python()
  paths <- written_traits()
  rates <- max_fdr(mtag(paths, sigma = diag(2), progress = FALSE), intervals = 7, fit = TRUE, progress = FALSE)
  python <- run(paths, "sigma=np.eye(2)", "{'fdr': result.max_fdr(intervals=7, fit=True).fdr}")
  expect_identical(unname(rates$fdr), as.numeric(head(python$fdr, -1)))
  expect_named(rates$fdr, c("height", "weight"))
  expect_identical(dimnames(rates$probability), list(names(rates$fdr), c("FF", "FT", "TF", "TT")))
  expect_output(print(rates), "largest false discovery rate, by grid")
  expect_error(max_fdr(1), "needs a result of mtag", class = "gwasmeta_error")
})

test_that("results are written and printed", {
  skip_without_python()
  result <- mtag(traits, sigma = diag(2), progress = FALSE)
  folder <- tempfile("out ")
  dir.create(folder)
  written <- write_results(result, file.path(folder, "both"))
  expect_setequal(basename(written), paste0("both.", c("height.tsv", "weight.tsv", "log.tsv", "json")))
  expect_true(all(file.exists(written)))
  expect_output(print(result), "4,000 SNPs of 2 traits|3,[0-9]{3} SNPs of 2 traits")
  expect_output(print(summary(result)), "genetic correlation")
  expect_message(mtag(traits, sigma = diag(2)), "MTAG: reading")
  expect_error(mtag(traits, sigma = diag(3), progress = FALSE), "there are 2 traits", class = "gwasmeta_error")
})
