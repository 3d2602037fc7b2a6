#' Studies kept so that the next analysis of them is cheap
#'
#' A store is a folder of studies that were read and checked once and are kept as Parquet, by chromosome and position,
#' readable by other programs too. Analyses of its studies give the same numbers as of their files.
#'
#' Adding the same file again, read by the same options, does nothing; another file replaces the study, which stays
#' until the new one is whole. Wherever a path of a study is taken, `"store:NAME"` is a study of the store in the
#' default folder, and `"store:FOLDER/NAME"` one of another.
#'
#' @param path The store's folder; the one that the environment variable `GWASMETA_STORE` names, or `gwasmeta-store` in
#'   the current folder, if not given. `store_add()` makes it.
#' @param store A store, or its folder.
#' @param study Path of a file, data frame, or [study()].
#' @param name What the study is called in the store; its own name if not given.
#' @param names Names of studies; for `store_studies()` all of the store if not given.
#' @param progress `FALSE` for no messages while it runs.
#' @return `study_store()`: a `gwas_store`, which prints its studies.
#'
#'   `store_add()`: a `gwas_addition`, which prints what was left out; `outcome` is `"added"`, `"replaced"` or
#'   `"unchanged"`.
#'
#'   `store_list()`, and `as.data.frame()` of a store: a data frame with a row a study: `name`, `rows`, `n`,
#'   `inflation_factor`, `source`, `sha256`, `added` and others.
#'
#'   `store_studies()`: a list of [study()], by their names, for [meta_analyze()] and the other functions that take
#'   studies.
#'
#'   `store_check()`: a data frame with a row a damage, `study`, `path`, `problem` and `remedy`; without rows where
#'   every file is as it was written.
#'
#'   `store_remove()`: the store, invisibly.
#' @examples
#' if (gwasmeta_available()) {
#'   store <- study_store(file.path(tempdir(), "consortium"))
#'   cohorts <- example_studies()
#'   store_add(store, cohorts[["alder"]], name = "alder")
#'   store_add(store, study(cohorts[["cedar"]], name = "cedar", filters = "info >= 0.4"))
#'   store
#'   meta_analyze(store_studies(store))
#'   meta_analyze(list(store_studies(store, "cedar")[[1]], cohorts[["rowan"]]))
#'   store_check(store)
#'   store_remove(store, "alder")
#' }
#' @export
study_store <- function(path = NULL) {
  structure(list(path = call_core("store_folder", path = expand_path(path))), class = "gwas_store")
}

#' @rdname study_store
#' @export
store_add <- function(store, study, name = NULL, progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("store_add",
    store = folder_of(store), study = as_study(study, ""), name = name, say = say_progress(progress)
  )
  structure(found, class = "gwas_addition")
}

#' @rdname study_store
#' @export
store_list <- function(store = study_store()) {
  call_core("store_list", store = folder_of(store))
}

#' @rdname study_store
#' @export
store_studies <- function(store = study_store(), names = NULL) {
  studies <- call_core("store_studies", store = folder_of(store), names = as_sequence(names))
  setNames(lapply(studies, function(fields) do.call(study, fields)), vapply(studies, function(one) one$name, ""))
}

#' @rdname study_store
#' @export
store_check <- function(store = study_store()) {
  call_core("store_check", store = folder_of(store))
}

#' @rdname study_store
#' @export
store_remove <- function(store, names) {
  call_core("store_remove", store = folder_of(store), names = as_sequence(names))
  invisible(store)
}

folder_of <- function(store) {
  if (inherits(store, "gwas_store")) {
    return(store$path)
  }
  if (!is.character(store) || length(store) != 1) {
    stop_gwasmeta("a store must be a study_store() or the path of its folder, not of class ", class(store)[1])
  }
  path.expand(store)
}

#' @export
print.gwas_store <- function(x, ...) {
  studies <- call_core("store_list_if_there", store = x$path)
  if (is.null(studies)) {
    cat("study store ", x$path, ", which does not exist yet: store_add() makes it\n", sep = "")
    return(invisible(x))
  }
  cat("study store ", x$path, ": ", nrow(studies), if (nrow(studies) == 1) " study\n" else " studies\n", sep = "")
  shown <- studies[c("name", "rows", "n", "n_cases", "n_controls", "inflation_factor", "sex", "dialect", "added")]
  told <- vapply(shown, function(column) any(!is.na(column)), TRUE)
  if (nrow(studies) > 0) print(shown[told], row.names = FALSE, digits = 4)
  invisible(x)
}

#' @export
print.gwas_addition <- function(x, ...) print_description(x)

#' @export
as.data.frame.gwas_store <- function(x, row.names = NULL, optional = FALSE, ...) {
  store_list(x)
}
