quietly <- function(...) store_add(..., progress = FALSE)

filled_store <- function() {
  store <- study_store(tempfile("a store "))
  studies <- example_studies()
  quietly(store, studies[["alder"]], name = "alder")
  quietly(store, study(studies[["cedar"]], name = "cedar", n = 5, filters = "info >= 0.4", sex = "male"))
  store
}

python_store <- function(store) paste0("gwasmeta.StudyStore(r'", store$path, "')")

test_that("a store lists its studies as Python does, and prints them", {
  skip_without_python()
  store <- filled_store()
  expect_same(store_list(store), in_python(paste0("value = ", python_store(store), ".list()")))
  expect_identical(as.data.frame(store), store_list(store$path))
  printed <- capture.output(print(store))
  expect_identical(printed[1], paste0("study store ", store$path, ": 2 studies"))
  expect_match(printed, "^ +cedar .* male +regenie ", all = FALSE)
  expect_false(any(grepl("n_cases", printed)))
})

test_that("adding again does nothing, and says so; another file replaces", {
  skip_without_python()
  store <- study_store(tempfile())
  expect_output(print(store), "does not exist yet: store_add() makes it", fixed = TRUE)
  studies <- example_studies()
  added <- quietly(store, studies[["alder"]], name = "alder")
  expect_identical(c(added$outcome, added$name), c("added", "alder"))
  expect_identical(added$rows_read, 5919L)
  expect_output(print(added), "^alder: added, 5,9[0-9]+ of 5,919 rows, read as gwama, lambda 1.2")
  expect_identical(quietly(store, studies[["alder"]], name = "alder")$outcome, "unchanged")
  expect_identical(quietly(store, studies[["birch"]], name = "alder")$outcome, "replaced")
  frame <- read_sumstats(studies[["maple"]])$table
  expect_identical(quietly(store, frame, name = "frame")$rows, nrow(frame))
  expect_error(quietly(store, studies), class = "gwasmeta_error")
})

test_that("studies of a store are studies, with the same results as from their files", {
  skip_without_python()
  store <- filled_store()
  studies <- store_studies(store)
  expect_identical(names(studies), c("alder", "cedar"))
  kept <- meta_analyze(studies, progress = FALSE)
  files <- example_studies()
  from_files <- meta_analyze(
    list(alder = files[["alder"]], cedar = study(files[["cedar"]], n = 5, filters = "info >= 0.4")),
    progress = FALSE
  )
  order_of <- function(table) {
    rows <- table[order(table$variant_id), ]
    row.names(rows) <- NULL
    rows
  }
  expect_identical(order_of(kept$table), order_of(from_files$table))
  by_path <- meta_analyze(paste0("store:", store$path, c("/alder", "/cedar")), progress = FALSE)
  expect_identical(by_path$table, kept$table)
  expect_identical(read_sumstats(store_studies(store, "cedar")[[1]])$name, "cedar")
  expect_error(store_studies(store, "elm"), "has no study elm\n  It has: alder, cedar", class = "gwasmeta_error")
})

test_that("the default store is the one that GWASMETA_STORE names at the moment", {
  skip_without_python()
  store <- filled_store()
  with_environment(c(GWASMETA_STORE = store$path), {
    expect_identical(study_store(), store)
    expect_identical(store_list()$name, c("alder", "cedar"))
    expect_identical(names(store_studies(names = "alder")), "alder")
    expect_identical(nrow(meta_analyze("store:alder", progress = FALSE)$studies), 1L)
  })
  expect_identical(basename(study_store()$path), "gwasmeta-store")
})

test_that("damage is found, with a remedy in words of R that mends it", {
  skip_without_python()
  store <- filled_store()
  expect_identical(dim(store_check(store)), c(0L, 4L))
  damaged <- list.files(file.path(store$path, "studies", "alder"), "parquet$", recursive = TRUE, full.names = TRUE)[1]
  unlink(damaged)
  found <- store_check(store)
  expect_identical(c(found$study, found$path, found$problem), c("alder", damaged, "is missing"))
  for (remedy in strsplit(found$remedy, "; then add it again, with the options of its entry: ", fixed = TRUE)[[1]]) {
    eval(parse(text = sub("name = \"alder\"", "name = \"alder\", progress = FALSE", remedy)))
  }
  expect_identical(nrow(store_check(store)), 0L)
  expect_identical(store_list(store)$name, c("alder", "cedar"))
})

test_that("studies are removed, and a store that is not there is told", {
  skip_without_python()
  store <- filled_store()
  expect_invisible(store_remove(store, "alder"))
  expect_identical(store_list(store)$name, "cedar")
  expect_error(store_remove(store, "alder"), "has no study alder", class = "gwasmeta_error")
  gone <- study_store(tempfile())
  expect_error(store_list(gone), 'store_add(study_store(), "FILE") makes one', fixed = TRUE, class = "gwasmeta_error")
  expect_error(store_list(3), "must be a study_store()", fixed = TRUE, class = "gwasmeta_error")
})

test_that("the arguments are those of Python's methods", {
  skip_without_python()
  inspect <- reticulate::import("inspect")
  class <- reticulate::import("gwasmeta")$StudyStore
  parameters_of <- function(method) {
    unlist(reticulate::iterate(inspect$signature(method)$parameters$values(), function(parameter) parameter$name))
  }
  expect_setequal(names(formals(store_add)), c("store", setdiff(parameters_of(class$add), "self")))
})
