# There and back through Python's side of the bridge.
there_and_back <- function(x) {
  skip_without_python()
  values <- reticulate::import("gwasmeta.interop.plain_values", convert = FALSE)
  from_plain(reticulate::py_to_r(values$to_plain(values$from_plain(to_plain(x)))))
}

every_type <- data.frame(
  whole = c(1L, NA, -5L),
  number = c(1.5, NA, pi),
  text = c("a", NA, "NA"),
  truth = c(TRUE, NA, FALSE),
  script = c("\u03b2", "", "\u4e2d x"),
  stringsAsFactors = FALSE
)

test_that("frames arrive as they are, with what is missing", {
  expect_identical(there_and_back(every_type), every_type)
})

test_that("one row, no row, one column and no column arrive", {
  expect_identical(there_and_back(every_type[1, ]), every_type[1, ])
  missing <- there_and_back(every_type[2, ])
  expect_identical(unname(unclass(missing)[1:4]), list(NA_integer_, NA_real_, NA_character_, NA), ignore_attr = TRUE)
  none <- there_and_back(every_type[0, ])
  expect_identical(vapply(none, class, ""), vapply(every_type, class, ""))
  expect_identical(nrow(none), 0L)
  expect_identical(there_and_back(every_type["text"]), every_type["text"])
  expect_identical(dim(there_and_back(every_type[c(), ][integer()])), c(0L, 0L))
})

test_that("factors, dates and large whole numbers arrive by value", {
  frame <- data.frame(
    group = factor(c("x", NA, "y")), day = as.Date(c("2024-02-29", NA, "1970-01-01")), n = c(3e9, 1, 2)
  )
  back <- there_and_back(frame)
  expect_identical(back$group, c("x", NA, "y"))
  expect_identical(back$day, c("2024-02-29", NA, "1970-01-01"))
  expect_identical(back$n, frame$n)
})

test_that("64-bit integers arrive, those that R's cannot hold as doubles", {
  skip_if_not_installed("bit64")
  back <- there_and_back(data.frame(n = bit64::as.integer64(c("3000000000", NA, "-7"))))
  expect_identical(back$n, c(3e9, NA, -7))
  small <- there_and_back(data.frame(n = bit64::as.integer64(c(3, NA))))
  expect_identical(small$n, c(3L, NA))
})

test_that("tibbles and data.tables are data frames", {
  expect_identical(there_and_back(tibble::as_tibble(every_type)), every_type)
  expect_identical(there_and_back(data.table::as.data.table(every_type)), every_type)
})

test_that("names may be in any script", {
  frame <- data.frame(1, 2)
  names(frame) <- c("\u03c4\u00b2", "a b")
  expect_identical(there_and_back(frame), frame)
})

test_that("latin1 text arrives", {
  word <- "M\xe4gi"
  Encoding(word) <- "latin1"
  expect_identical(there_and_back(data.frame(name = word))$name, "M\u00e4gi")
})

test_that("scalars, sequences, named vectors and lists keep their shape", {
  expect_identical(there_and_back("a"), "a")
  expect_identical(there_and_back(as_sequence("a")), "a")
  expect_identical(there_and_back(2.5), 2.5)
  expect_identical(there_and_back(NA_real_), NA_real_)
  expect_identical(there_and_back(5L), 5L)
  expect_identical(there_and_back(NA), NULL)
  expect_identical(there_and_back(TRUE), TRUE)
  expect_identical(there_and_back(list()), list())
  expect_identical(there_and_back(list(a = NULL, b = "x")), list(a = NULL, b = "x"))
  expect_identical(there_and_back(c(a = "x", b = "y")), list(a = "x", b = "y"))
  expect_identical(there_and_back(list(list(1, "x"), c("p", "q"))), list(list(1, "x"), c("p", "q")))
})

test_that("matrices keep their shape", {
  matrix <- matrix(c(1, NA, 3, 4, 5, 6), nrow = 2)
  expect_identical(there_and_back(matrix), matrix)
  expect_identical(there_and_back(matrix[1, , drop = FALSE]), matrix[1, , drop = FALSE])
  expect_identical(there_and_back(matrix[integer(), ]), matrix[integer(), ])
})

test_that("a million rows of ten columns arrive as they were", {
  n <- 1e6
  frame <- data.frame(
    id = paste0("rs", seq_len(n)), chromosome = rep(as.character(1:20), n / 20), allele = rep(c("A", "C"), n / 2),
    position = seq_len(n), n = rep(c(3e9, NA), n / 2), kept = rep(c(TRUE, NA, FALSE, TRUE), n / 4),
    beta = sin(seq_len(n)), error = cos(seq_len(n)), p = seq_len(n) / n, info = rep(1L, n)
  )
  expect_identical(there_and_back(frame), frame)
})

test_that("what has no form is refused by name", {
  expect_error(to_plain(data.frame(z = 1i)), "column z is of class complex", class = "gwasmeta_error")
  twice <- setNames(data.frame(1, 2), c("a", "a"))
  expect_error(to_plain(twice), "two columns named a", class = "gwasmeta_error")
  expect_error(to_plain(matrix("a")), "a matrix of numbers is needed", class = "gwasmeta_error")
  expect_error(as_count(1.5, "min_studies"), "min_studies must be a whole number, not 1.5", class = "gwasmeta_error")
})
