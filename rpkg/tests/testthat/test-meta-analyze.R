analyze <- function(...) meta_analyze(..., progress = FALSE)

test_that("results are Python's to the last bit, whatever is asked for", {
  studies <- example_studies()
  paths <- python_paths(studies)
  same <- function(result, options) {
    expect_same(result$table, in_python(paste0("value = gwasmeta.meta_analyze(", paths, options, ").table")))
  }
  same(analyze(studies), "")
  same(
    analyze(studies, methods = c("fixed", "random", "sample_size"), tau_squared = "REML", hartung_knapp = TRUE),
    ", methods=['fixed', 'random', 'sample_size'], tau_squared='REML', hartung_knapp=True"
  )
  same(
    analyze(studies,
      genomic_control = TRUE, genomic_control_result = TRUE, leave_one_out = TRUE, filters = "min(eaf, 1-eaf) >= 0.05",
      min_studies = 2, min_n = 1000, direction_p = 0.05, palindromic = "infer", palindromic_window = 0.1
    ),
    ", genomic_control=True, genomic_control_result=True, leave_one_out=True, filters='min(eaf, 1-eaf) >= 0.05',
     min_studies=2, min_n=1000, direction_p=0.05, palindromic='infer', palindromic_window=0.1"
  )
  same(analyze(studies, overlap = "estimated", z_cutoff = 1.5), ", overlap='estimated', z_cutoff=1.5")
  same(analyze(studies, overlap = diag(5)), ", overlap=np.eye(5)")
  same(analyze(studies, methods = "random", memory = 4e9), ", methods='random', memory=4_000_000_000")
  same(analyze(studies, methods = "random", memory = "4GB"), ", methods='random', memory='4GB'")
  paths <- python_paths(studies[1:4])
  same(analyze(studies[1:4], match = "position"), ", match='position'")
})

test_that("what is told beside the table is Python's", {
  studies <- example_studies("case_control")
  result <- analyze(studies, genomic_control = TRUE)
  run <- paste0("result = gwasmeta.meta_analyze(", python_paths(studies), ", genomic_control=True)")
  told <- setdiff(names(result$studies), "excluded_by")
  expect_same(result$studies[told], in_python(run, "value = result.studies.drop(columns='excluded_by')"))
  expect_same(result$log, in_python(run, "value = result.log.astype({'line': 'string'})"))
  factors <- in_python(run, "value = [result.inflation_factors]")
  expect_identical(result$inflation_factors, c(fixed = as.numeric(factors$fixed[1])))
  expect_same(lead_variants(result, p = 1e-6), in_python(run, "value = result.lead_variants(p=1e-6)"))
  expect_same(lead_variants(as.data.frame(result)), in_python(run, "value = result.lead_variants()"))
})

test_that("the arguments are Python's, with the same defaults", {
  skip_without_python()
  inspect <- reticulate::import("inspect")
  gwasmeta <- reticulate::import("gwasmeta")
  mirrors <- list(
    meta_analyze = meta_analyze, mtag = mtag, Study = study, read_sumstats = read_sumstats, munge = munge,
    inspect_sumstats = inspect_sumstats, format_sumstats = format_sumstats, ldsc_h2 = ldsc_h2, ldsc_rg = ldsc_rg,
    read_manifest = read_manifest, fixed_effects = fixed_effects, random_effects = random_effects,
    heterogeneity = heterogeneity, leave_one_out = leave_one_out, example_studies = example_studies,
    StudyStore = study_store
  )
  for (name in names(mirrors)) {
    parameters <- inspect$signature(gwasmeta[[name]])$parameters
    parameters <- reticulate::iterate(parameters$values(), function(parameter) parameter)
    names <- vapply(parameters, function(parameter) parameter$name, "")
    formals <- formals(mirrors[[name]])
    expect_setequal(setdiff(names(formals), "progress"), setdiff(names, "progress"))
    for (parameter in Filter(function(parameter) parameter$name != "progress", parameters)) {
      default <- parameter$default
      if (is.null(default) || is.character(default) || is.numeric(default) || is.logical(default)) {
        expect_equal(formals[[parameter$name]], default, label = paste(name, parameter$name), ignore_attr = TRUE)
      }
    }
  }
})

alone <- data.frame(
  variant_id = "rs1", effect_allele = "A", other_allele = "C", beta = 0.5, standard_error = 0.1,
  stringsAsFactors = TRUE
)

test_that("a data frame is a study, of whatever kind it is", {
  skip_without_python()
  one <- analyze(alone)$table
  expect_identical(nrow(one), 1L)
  expect_identical(one$z, 0.5 / 0.1)
  expect_identical(analyze(tibble::as_tibble(alone))$table, one)
  expect_identical(analyze(data.table::as.data.table(alone))$table, one)
  two <- analyze(list(first = alone, second = study(alone, n = 1000)))
  expect_identical(two$studies$study, c("first", "second"))
  expect_identical(two$studies$n, c(NA, 1000))
  expect_identical(two$table$n_studies, 2L)
})

test_that("a study gives the same from a file and from memory", {
  file <- example_studies()[["maple"]]
  frame <- read_sumstats(file)$table
  from_memory <- analyze(list(maple = frame))
  from_file <- analyze(c(maple = file))
  expect_identical(from_memory$table, from_file$table)
  large <- transform(frame, base_pair_location = base_pair_location + 3e9, n = 3e9)
  expect_identical(analyze(list(a = large))$table$n[1], 3e9)
})

test_that("missing values of every type are missing values there", {
  skip_without_python()
  rows <- rbind(alone, alone, alone)
  rows$variant_id <- c("rs1", "rs2", NA)
  rows$beta <- c(0.5, NA, 0.1)
  rows$n <- c(NA, 10L, 10L)
  result <- analyze(list(a = rows))
  expect_identical(result$table$variant_id, "rs1")
  expect_identical(result$table$n, NA_real_)
  expect_identical(result$studies$rows_excluded, 2L)
})

test_that("names of studies and variants may be in any script", {
  skip_without_python()
  named <- alone
  named$variant_id <- "\u03b2-\u4e2d"
  result <- analyze(list("K\u00f6ln" = named))
  expect_identical(result$studies$study, "K\u00f6ln")
  expect_identical(result$table$variant_id, "\u03b2-\u4e2d")
})

test_that("a frame without rows, and what is no study, are refused with what to do", {
  skip_without_python()
  expect_error(analyze(list(a = alone[0, ])), "no row of any study can be used", class = "gwasmeta_error")
  expect_error(analyze(1), "studies must be paths, data frames", class = "gwasmeta_error")
  expect_error(analyze(list(c("a", "b"))), "not character of length 2", class = "gwasmeta_error")
  expect_error(analyze(character()), "no studies", class = "gwasmeta_error")
  expect_error(analyze(example_studies(), cluster = 1.5), "cluster must be a whole number", class = "gwasmeta_error")
  expect_error(analyze("gone.txt"), "there is no such file", class = "gwasmeta_error")
})

test_that("study() says what a file does not", {
  skip_without_python()
  odd <- setNames(alone, c("MARKERNAME", "A2", "A1", "BETA", "SE"))
  result <- analyze(study(odd,
    name = "odd", n = 500, columns = c(effect_allele = "A2", other_allele = "A1"), dialect = "gwama",
    flip_effects = TRUE, filters = "se < 1", inflation_factor = 1.5
  ), genomic_control = TRUE)
  expect_identical(result$table$beta, -0.5)
  expect_equal(result$table$standard_error, 0.1 * sqrt(1.5), tolerance = 1e-15)
  expect_identical(result$table$n, 500)
  expect_identical(result$studies$study, "odd")
  expect_output(print(study("a.txt", n = 3)), "study: a.txt\n  n: 3")
})

test_that("a path may have blanks, other scripts and a tilde", {
  home <- tempfile("home \u00e4 ")
  dir.create(home)
  file.copy(example_studies()[["maple"]], file.path(home, "my study.tsv.gz"))
  with_environment(c(HOME = home), {
    skip_if(path.expand("~") != home, "this R knows its home from elsewhere")
    expect_identical(analyze("~/my study.tsv.gz")$studies$rows_read, 6131L)
  })
  expect_identical(analyze(file.path(home, "my study.tsv.gz"))$studies$study, "my study")
})

test_that("results are written as Python writes them", {
  studies <- example_studies()
  result <- analyze(studies)
  folder <- tempfile("out ")
  dir.create(folder)
  written <- write_results(result, file.path(folder, "from r"))
  expect_identical(basename(written), c("from r.tsv", "from r.log.tsv", "from r.json"))
  python <- file.path(folder, "from python")
  in_python(
    paste0("gwasmeta.meta_analyze(", python_paths(studies), ").write(r'", python, "')"), "value = {}"
  )
  for (ending in c(".tsv", ".log.tsv", ".json")) {
    expect_identical(readLines(file.path(folder, paste0("from r", ending))), readLines(paste0(python, ending)))
  }
  gwama_table <- write_results(result, file.path(folder, "g.txt.gz"), format = "gwama")[1]
  expect_match(readLines(gwama_table, n = 1), "\trs_number\treference_allele\t")
  expect_error(write_results(result, file.path(folder, "no", "folder")), class = "gwasmeta_error")
})

test_that("a result prints what was combined and the strongest variants", {
  result <- analyze(example_studies())
  printed <- capture.output(print(result))
  expect_match(printed[1], "gwasmeta 0.1.0: fixed; 5 studies, 6,465 variants")
  expect_match(printed, "rs5121197", all = FALSE)
  summarised <- capture.output(print(summary(result)))
  expect_match(summarised, "lead variants \\(p <= 5e-8\\): [0-9]+", all = FALSE)
  expect_output(print(summary(analyze(alone))), "1 study, 1 variants")
})

test_that("the fields of a result can be asked for by name", {
  result <- analyze(example_studies())
  expect_identical(result[["table"]], result$table)
  expect_identical(as.data.frame(result), result$table)
  expect_null(result$nothing)
  expect_identical(result[["n_variants"]], 6465L)
  expect_true(all(c("table", "log", "studies") %in% .DollarNames(result, "")))
})
