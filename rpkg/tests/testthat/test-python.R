chosen <- function(...) {
  arguments <- list(
    reticulate_python = "", gwasmeta_python = "", option = "", installed = "", py_require = NULL
  )
  given <- list(...)
  arguments[names(given)] <- given
  do.call(choose_python, arguments)
}

test_that("the first that says which Python is to run decides", {
  expect_identical(chosen(), list(by = "reticulate", python = ""))
  expect_identical(chosen(py_require = identity), list(by = "py_require", python = ""))
  expect_identical(chosen(installed = "/i", py_require = identity), list(by = "install_gwasmeta", python = "/i"))
  expect_identical(chosen(option = "/o", installed = "/i"), list(by = "gwasmeta.python", python = "/o"))
  expect_identical(chosen(gwasmeta_python = "/g", option = "/o"), list(by = "GWASMETA_PYTHON", python = "/g"))
  expect_identical(
    chosen(reticulate_python = "/r", gwasmeta_python = "/g", option = "/o", installed = "/i", py_require = identity),
    list(by = "RETICULATE_PYTHON", python = "/r")
  )
})

test_that("py_require is found where reticulate has it", {
  expect_identical(is.null(get_py_require()), utils::packageVersion("reticulate") < "1.41")
})

test_that("the interpreter of an installation is remembered while it is there", {
  record <- file.path(tempfile("a folder "), "python")
  python <- file.path(tempdir(), "pyth\u00f6n 3")
  expect_identical(installed_python(record), "")
  file.create(python)
  remember_python(python, record)
  expect_identical(installed_python(record), python)
  unlink(python)
  expect_identical(installed_python(record), "")
})

in_new_r <- function(code, variables = character()) {
  script <- tempfile(fileext = ".R")
  writeLines(code, script)
  libraries <- c(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  with_environment(c(libraries, variables), {
    suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), shQuote(script), stdout = TRUE, stderr = TRUE))
  })
}

nowhere <- c(RETICULATE_PYTHON = NA, GWASMETA_PYTHON = file.path(tempdir(), "no-python"), R_TESTS = "")

test_that("loading the package starts no Python", {
  printed <- in_new_r("library(gwasmeta); cat(reticulate::py_available())", c(R_TESTS = ""))
  expect_match(paste(printed, collapse = "\n"), "FALSE")
})

test_that("without Python the first call says what to run, and nothing else breaks", {
  printed <- in_new_r(c(
    "library(gwasmeta)",
    "error <- tryCatch(meta_analyze('x.txt'), error = function(error) error)",
    "cat(inherits(error, 'gwasmeta_error'), gwasmeta_available(), '\\n')",
    "cat(conditionMessage(error), '\\n')",
    "invisible(gwasmeta_sitrep())"
  ), nowhere)
  printed <- paste(printed, collapse = "\n")
  expect_match(printed, "TRUE FALSE")
  expect_match(printed, "Run install_gwasmeta(), and restart R", fixed = TRUE)
  expect_match(printed, "Python chosen by +GWASMETA_PYTHON: .*no-python")
})

test_that("an interpreter that is named is the one that runs", {
  skip_without_python()
  python <- gwasmeta_python()
  printed <- in_new_r("library(gwasmeta); invisible(gwasmeta_sitrep())", c(
    RETICULATE_PYTHON = NA, GWASMETA_PYTHON = python, R_TESTS = ""
  ))
  expect_match(paste(printed, collapse = "\n"), paste0("(", python, ")"), fixed = TRUE)
})

test_that("a situation report names both sides", {
  skip_without_python()
  printed <- capture.output(facts <- gwasmeta_sitrep())
  expect_length(printed, length(facts))
  version <- as.character(utils::packageVersion("gwasmeta"))
  expect_identical(facts[["gwasmeta (R)"]], version)
  expect_identical(facts[["gwasmeta (Python)"]], version)
})

test_that("a result of another session says so", {
  skip_without_python()
  result <- meta_analyze(example_studies(), progress = FALSE)
  file <- tempfile(fileext = ".rds")
  saveRDS(result, file)
  loaded <- readRDS(file)
  expect_error(loaded$table, "comes from another R session", class = "gwasmeta_error")
  expect_identical(loaded$studies, result$studies)
  table <- as.data.frame(result)
  saveRDS(result, file)
  expect_identical(as.data.frame(readRDS(file)), table)
})

test_that("a session that ends leaves no files of Python behind, whatever ends it", {
  skip_without_python()
  run <- c("library(gwasmeta)", "result <- meta_analyze(example_studies(), methods = 'random', progress = FALSE)")
  for (end in c("cat(nrow(result$table))", "cat(nrow(result$table)); stop('no')")) {
    temporary <- tempfile("temporary")
    dir.create(temporary)
    printed <- in_new_r(c(run, end), c(RETICULATE_PYTHON = unname(gwasmeta_python()), R_TESTS = "", TMPDIR = temporary))
    expect_match(paste(printed, collapse = "\n"), "6465")
    expect_identical(list.files(temporary), character())
  }
})
