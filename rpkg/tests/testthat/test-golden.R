# What the original programs computed, reproduced by calls from R.

# The same number, rounded to a decimal, prints alike or one unit apart.
expect_printed_alike <- function(ours, theirs, unit, label) {
  ours <- as.numeric(ours)
  theirs <- as.numeric(theirs)
  expect_identical(is.na(ours), is.na(theirs), label = label)
  apart <- abs(ours - theirs) - 1.0001 * unit - 1e-9 * abs(theirs)
  expect_lte(max(apart, -Inf, na.rm = TRUE), 0, label = label)
}

read_words <- function(path) {
  utils::read.table(path, header = TRUE, sep = "\t", colClasses = "character", check.names = FALSE, quote = "",
    comment.char = "", na.strings = "NA"
  )
}

replay_gwama <- function(run, options) {
  folder <- shared_folder("golden", "meta", "runs", "real_gwama", run)
  root <- file.path(new_folder(), "out")
  in_folder(folder, gwama(c("-i", "gwama.in", options, "-o", root), quiet = TRUE))
  ours <- read_words(paste0(root, ".out"))
  theirs <- read_words(file.path(folder, "out.out.gz"))
  expect_identical(names(ours), names(theirs))
  texts <- c("rs_number", "reference_allele", "other_allele", "effects", "n_studies", "n_samples")
  expect_identical(ours[texts], theirs[texts])
  # GWAMA's p-values are an approximation: those of z are tested in Python. Of a single study it takes rounding for
  # variance between studies.
  compared <- !("-r" %in% options) | theirs$n_studies != "1"
  for (column in setdiff(names(theirs), c(texts, "p-value", "_-log10_p-value", "q_p-value", "i2"))) {
    expect_printed_alike(ours[[column]][compared], theirs[[column]][compared], 1e-6, paste(run, column))
  }
  theirs
}

in_folder <- function(folder, code) {
  old <- setwd(folder)
  on.exit(setwd(old))
  force(code)
}

new_folder <- function() {
  folder <- tempfile("golden ")
  dir.create(folder)
  folder
}

test_that("gwama(): fixed effects, random effects and genomic control are GWAMA's", {
  replay_gwama("qt", "-qt")
  replay_gwama("qt_r", c("-qt", "-r"))
  replay_gwama("qt_gc", c("-qt", "-gc"))
})

test_that("meta_analyze(): fixed effects, random effects and genomic control are GWAMA's", {
  runs <- list(
    qt = list(), qt_r = list(methods = "random"), qt_gc = list(genomic_control = TRUE)
  )
  for (run in names(runs)) {
    folder <- shared_folder("golden", "meta", "runs", "real_gwama", run)
    paths <- file.path(folder, readLines(file.path(folder, "gwama.in")))
    ours <- do.call(meta_analyze, c(list(paths), runs[[run]], progress = FALSE))$table
    theirs <- read_words(file.path(folder, "out.out.gz"))
    theirs <- theirs[match(ours$variant_id, theirs$rs_number), ]
    several <- ours$n_studies > 1 # of a single study GWAMA takes rounding for variance
    expect_identical(ours$effect_allele, theirs$reference_allele)
    expect_identical(ours$direction, theirs$effects)
    expect_printed_alike(ours$beta[several], theirs$beta[several], 1e-6, paste(run, "beta"))
    expect_printed_alike(ours$standard_error[several], theirs$se[several], 1e-6, paste(run, "se"))
    expect_printed_alike(ours$cochran_q[several], theirs$q_statistic[several], 1e-6, paste(run, "q"))
  }
})

test_that("metal(): a script gives METAL's table", {
  folder <- shared_folder("golden", "meta", "runs", "real_metal", "se_gc_het_hp")
  script <- readLines(file.path(folder, "metal.txt"))
  here <- new_folder()
  writeLines(sub("^PROCESS (.*)", paste0("PROCESS ", folder, "/\\1"), script), file.path(here, "metal.txt"))
  in_folder(here, metal("metal.txt", quiet = TRUE))
  ours <- read_words(file.path(here, "METAANALYSIS1.TBL"))
  theirs <- read_words(file.path(folder, "METAANALYSIS1.TBL.gz"))
  expect_identical(names(ours), names(theirs))
  ours <- ours[match(theirs$MarkerName, ours$MarkerName), ]
  for (column in c("Allele1", "Allele2", "Direction", "HetDf")) {
    expect_identical(ours[[column]], theirs[[column]], label = column)
  }
  expect_printed_alike(ours$Effect, theirs$Effect, 1e-12, "Effect")
  expect_printed_alike(ours$StdErr, theirs$StdErr, 1e-12, "StdErr")
  expect_printed_alike(ours$HetChiSq, theirs$HetChiSq, 1e-3, "HetChiSq")
  expect_equal(log(as.numeric(ours$`P-value`)), log(as.numeric(theirs$`P-value`)), tolerance = 1e-3)
})

expect_close <- function(ours, theirs, label) {
  expect_lte(max(abs(as.numeric(ours) - as.numeric(theirs)) / mean(abs(as.numeric(theirs)))), 1e-9, label = label)
}

mtag_inputs <- function(count) {
  file.path(shared_folder("golden", "mtag", "inputs"), paste0("main_t", seq_len(count), ".txt.gz"))
}

replay_mtag <- function(case, options, stored) {
  traits <- shared_folder("golden", "mtag", "inputs", paste0("main_t", 1:3, ".txt.gz"))
  case <- shared_folder("golden", "mtag", "cases", case)
  out <- file.path(new_folder(), "mtag")
  panel <- shared_folder("data", "eur_w_ld_chr")
  chosen <- paste(traits[seq_along(stored)], collapse = ",")
  mtag_cli(c("--sumstats", chosen, "--ld_ref_panel", panel, "--out", out, options), quiet = TRUE)
  for (matrix in c("_omega_hat.txt", "_sigma_hat.txt")) {
    theirs <- scan(paste0(case, "/mtag", matrix), quiet = TRUE)
    expect_close(scan(paste0(out, matrix), quiet = TRUE), theirs, matrix)
  }
  for (trait in seq_along(stored)) {
    ours <- read_words(paste0(out, "_trait_", trait, ".txt"))
    theirs <- read_words(file.path(case, stored[trait]))
    ours <- ours[match(theirs$SNP, ours$SNP), ]
    for (column in c("mtag_beta", "mtag_se", "mtag_z")) {
      known <- !is.na(as.numeric(theirs[[column]]))
      expect_close(ours[[column]][known], theirs[[column]][known], paste(trait, column))
    }
  }
  out
}

test_that("mtag_cli(): two traits are MTAG's", {
  replay_mtag("01_two_default", character(), paste0("mtag_trait_", 1:2, ".txt.gz"))
})

test_that("mtag_cli(): three traits are MTAG's, and their largest false discovery rates", {
  out <- replay_mtag("02_three_default", c("--fdr", "--intervals", "5"), paste0("mtag_trait_", 1:3, ".thin.txt.gz"))
  rates <- utils::read.table(shared_folder("golden", "mtag", "cases", "09_three_fdr5", "mtag_fdr_mat.txt"))
  expect_equal(utils::read.table(paste0(out, "_fdr_mat.txt")), rates, tolerance = 1e-12)
})

test_that("munge() and ldsc_h2() give LDSC's heritability", {
  trait <- munge(shared_folder("golden", "mtag", "inputs", "main_t1.txt.gz"))
  munged <- write_results(trait, file.path(new_folder(), "t1"))
  written <- munged[grepl("sumstats", munged)] # LDSC reads z with the three decimals of this file
  result <- ldsc_h2(written, ld_scores = shared_folder("data", "eur_w_ld_chr"), progress = FALSE)$table
  theirs <- readLines(shared_folder("golden", "mtag", "ldsc", "fp_h2_main_t1.json"), warn = FALSE)
  number <- function(name) as.numeric(sub(".*: ([^,]+),? *", "\\1", theirs[grepl(paste0("\"", name, "\""), theirs)]))
  expect_equal(result$h2, number("tot"), tolerance = 1e-8)
  expect_equal(result$h2_standard_error, number("tot_se"), tolerance = 1e-8)
  expect_equal(result$intercept, number("intercept"), tolerance = 1e-8)
  expect_equal(result$intercept_standard_error, number("intercept_se"), tolerance = 1e-8)
  expect_equal(result$lambda_gc, number("lambda_gc"), tolerance = 1e-8)
})
