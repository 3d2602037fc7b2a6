test_that("what pip is given is a name, or a whole path", {
  expect_identical(what_to_install(NULL, ""), "gwasmeta")
  expect_identical(what_to_install("gwasmeta==0.1.0", ""), "gwasmeta==0.1.0")
  folder <- tempfile("a checkout with blanks ")
  dir.create(folder)
  expect_error(what_to_install(folder, ""), "no pyproject.toml", class = "gwasmeta_error")
  file.create(file.path(folder, "pyproject.toml"))
  expect_identical(what_to_install(NULL, folder), normalizePath(folder))
  expect_identical(what_to_install(folder, "elsewhere"), normalizePath(folder))
  expect_error(what_to_install("gone/gwasmeta-0.1.0-py3-none-any.whl", ""), "there is no", class = "gwasmeta_error")
})

test_that("pip is asked for what R users would need pip for later", {
  expect_identical(with_extras("gwasmeta", c("ldscores", "vcf")), "gwasmeta[ldscores,vcf]")
  expect_identical(with_extras("gwasmeta==0.1.0", "vcf"), "gwasmeta[vcf]==0.1.0")
  expect_identical(with_extras("/a b/gwasmeta", "vcf"), "/a b/gwasmeta[vcf]")
  wheel <- "C:\\a b\\gwasmeta-0.1.0-py3-none-any.whl"
  expect_identical(with_extras(wheel, "vcf"), paste0(wheel, "[vcf]"))
})

test_that("the newest Python on the path that is new enough makes the environment", {
  versions <- c(old = "3.9", new = "3.12", none = "0.0")
  version_of <- function(python) numeric_version(versions[[python]])
  expect_identical(python_for_environment(NULL, c("", a = "old", b = "new"), version_of), "new")
  expect_identical(python_for_environment("new", "old", version_of), "new")
  expect_error(python_for_environment("old", "new", version_of), "too old.*old\n.*3.11", class = "gwasmeta_error")
  expect_error(python_for_environment(NULL, c("", ""), version_of), "no Python on the search path")
})

test_that("what is no Python has no version", {
  expect_identical(version_of_python(tempfile()), numeric_version("0.0"))
})

test_that("MTAG_install() tells the new name once", {
  the$told_of_mtag_install <- NULL
  refuse <- function() tryCatch(MTAG_install("no/such/folder"), gwasmeta_error = conditionMessage)
  expect_message(refuse(), "install_gwasmeta()", fixed = TRUE)
  expect_silent(expect_match(refuse(), "there is no no/such/folder"))
})

test_that("environment variables are as before afterwards", {
  Sys.setenv(GWASMETA_TEST_A = "a")
  Sys.unsetenv("GWASMETA_TEST_B")
  inside <- with_environment(c(GWASMETA_TEST_A = NA, GWASMETA_TEST_B = "b"), {
    Sys.getenv(c("GWASMETA_TEST_A", "GWASMETA_TEST_B"), unset = NA, names = FALSE)
  })
  expect_identical(inside, c(NA, "b"))
  expect_identical(Sys.getenv(c("GWASMETA_TEST_A", "GWASMETA_TEST_B"), unset = NA, names = FALSE), c("a", NA))
  Sys.unsetenv("GWASMETA_TEST_A")
})
