test_that("a study is read as in Python", {
  for (file in example_studies()) {
    read <- read_sumstats(file)
    expect_same(read$table, in_python(paste0("value = gwasmeta.read_sumstats(r'", file, "').table")))
    expect_same(read$log, in_python(paste0("value = gwasmeta.read_sumstats(r'", file, "').log")))
  }
})

test_that("options are those of a study, or given with it", {
  file <- example_studies()[["maple"]]
  read <- read_sumstats(file, name = "m", filters = "info >= 0.9", n = 5)
  expect_identical(read$name, "m")
  expect_true(all(read$table$info >= 0.9))
  expect_identical(read_sumstats(study(file, name = "m", filters = "info >= 0.9", n = 5)), read)
  expect_error(read_sumstats(study(file), name = "m"), "give name to study()", fixed = TRUE, class = "gwasmeta_error")
  expect_identical(read$columns[["effect_allele"]], "effect_allele")
  expect_identical(as.data.frame(read), read$table)
  expect_output(print(read), "m: .* of 6,131 rows, read as ssf\n.*  filter: info >= 0.9: 1152 excluded")
})

test_that("a study is understood as in Python", {
  file <- example_studies()[["cedar"]]
  found <- inspect_sumstats(file, progress = FALSE)
  python <- paste0("gwasmeta.inspect_sumstats(r'", file, "')")
  expect_same(found$table, in_python(paste0("value = ", python, ".table")))
  numbers <- in_python(paste0("found = ", python), "value = [[found.inflation_factor, found.rows_usable]]")
  expect_identical(c(found$inflation_factor, found$rows_usable), as.numeric(c(numbers[[1]][1], numbers[[2]][1])))
  expect_output(print(found), "dialect +regenie")
  expect_identical(as.data.frame(found), found$table)
})

test_that("a study is written in another format as in Python", {
  file <- example_studies()[["cedar"]]
  folder <- tempfile("out ")
  dir.create(folder)
  made <- format_sumstats(file, file.path(folder, "r.tsv"), to = "metal", filters = "info >= 0.9", progress = FALSE)
  python <- file.path(folder, "python.tsv")
  in_python(
    paste0("gwasmeta.format_sumstats(r'", file, "', r'", python, "', to='metal', filters='info >= 0.9')"), "value = {}"
  )
  expect_identical(readLines(made$path), readLines(python))
  expect_identical(made$rows_written, length(readLines(python)) - 1L)
  expect_output(print(made), "rows written")
  expect_error(format_sumstats(file, file.path(folder, "x"), to = "xls"), "xls", class = "gwasmeta_error")
})

test_that("a manifest is a list of studies", {
  studies <- example_studies()
  list <- tempfile(fileext = ".tsv")
  rows <- data.frame(
    path = studies, name = c("a", "b", "c", "d", "e"), n = c(NA, 100, NA, NA, NA),
    filters = c("", "", "info >= 0.5; n > 10", "", "")
  )
  utils::write.table(rows, list, sep = "\t", quote = FALSE, row.names = FALSE, na = "")
  read <- read_manifest(list)
  expect_s3_class(read[[1]], "gwas_study")
  expect_identical(read[[2]]$n, 100)
  result <- meta_analyze(read, progress = FALSE)
  expect_same(result$table, in_python(
    paste0("value = gwasmeta.meta_analyze(gwasmeta.read_manifest(r'", list, "')).table")
  ))
  expect_identical(result$studies$study, rows$name)
  expect_error(read_manifest("gone.tsv"), "gone.tsv", class = "gwasmeta_error")
})
