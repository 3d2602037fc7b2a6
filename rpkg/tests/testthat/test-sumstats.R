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
