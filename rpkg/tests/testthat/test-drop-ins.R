test_that("a command is split as a shell would, but for backslashes", {
  expect_identical(as.vector(as_words("-i gwama.in -qt")), c("-i", "gwama.in", "-qt"))
  expect_identical(as.vector(as_words("-i 'my file.in' -o \"a b\"")), c("-i", "my file.in", "-o", "a b"))
  expect_identical(as.vector(as_words("-i C:\\studies\\gwama.in")), c("-i", "C:\\studies\\gwama.in"))
  expect_identical(as.vector(as_words(c("-i", "my file.in"))), c("-i", "my file.in"))
  expect_identical(as.vector(as_words("-i ~/gwama.in")), c("-i", path.expand("~/gwama.in")))
  expect_error(as_words(5), "a command is text", class = "gwasmeta_error")
})

test_that("lines are printed as they come, unless nothing is to be printed", {
  skip_without_python()
  printed <- capture.output(lines <- gwama("--version"))
  expect_identical(printed, unlist(strsplit(lines, "\n")))
  expect_match(lines, "GWAMA", all = FALSE)
  expect_silent(gwama("--version", quiet = TRUE))
})

test_that("errors of a drop-in are gwasmeta's", {
  skip_without_python()
  expect_error(gwama("-i gone.in -qt", quiet = TRUE), "gone.in", class = "gwasmeta_error")
  expect_error(metal("gone.txt", quiet = TRUE), "gone.txt", class = "gwasmeta_error")
  expect_error(mtag_cli("--sumstats gone.txt --out x", quiet = TRUE), class = "gwasmeta_error")
})
