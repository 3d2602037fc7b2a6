#' Read one study's summary statistics
#'
#' Whatever tool wrote them: columns get the names of GWAS-SSF, effects become `beta` and `standard_error` (log odds for
#' odds ratios) or `z`, and p-values `neg_log_10_p_value`, so that none underflows.
#'
#' @param source Path or data frame; or a [study()], and then none of the others.
#' @inheritParams study
#' @return A `gwas_sumstats`, with
#'   \item{table}{data frame of the rows that passed the checks, in the file's order}
#'   \item{log}{rules that caught rows: how many, what happened to them, and the first examples}
#'   \item{dialect}{the format that the header was recognised as}
#'   \item{columns}{canonical column to the header's word for it}
#'   \item{rows_read, name}{}
#' @examples
#' if (gwasmeta_available()) {
#'   read <- read_sumstats(example_studies()[["maple"]])
#'   read
#'   head(as.data.frame(read))
#' }
#' @export
read_sumstats <- function(source, name = NULL, dialect = NULL, columns = NULL, n = NULL, n_cases = NULL,
                          n_controls = NULL, filters = NULL) {
  options <- list(
    name = name, dialect = dialect, columns = columns, n = n, n_cases = n_cases, n_controls = n_controls,
    filters = filters
  )
  options <- Filter(Negate(is.null), options)
  if (inherits(source, "gwas_study") && length(options) > 0) {
    stop_gwasmeta("a study() says everything of itself; give ", names(options)[1], " to study()")
  }
  if (!inherits(source, "gwas_study")) source <- do.call(study, c(list(source), options))
  found <- call_core("read_sumstats", study = unclass(source))
  found$columns <- unlist(found$columns)
  structure(found, class = "gwas_sumstats")
}

#' @export
print.gwas_sumstats <- function(x, ...) {
  cat(x$name, ": ", format(nrow(x$table), big.mark = ","), " of ", format(x$rows_read, big.mark = ","),
    " rows, read as ", x$dialect, "\n",
    sep = ""
  )
  caught <- unique(x$log[c("rule", "action", "count")])
  for (row in seq_len(nrow(caught))) {
    cat("  ", caught$rule[row], ": ", caught$count[row], " ", caught$action[row], "\n", sep = "")
  }
  print(head(x$table), row.names = FALSE)
  invisible(x)
}

#' @export
as.data.frame.gwas_sumstats <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}

#' The studies of the embedded example
#'
#' Five simulated cohorts, each in the format of another program.
#'
#' @param trait `"quantitative"` or `"case_control"`.
#' @return Paths, named by cohort, as [meta_analyze()] takes them.
#' @examples
#' if (gwasmeta_available()) example_studies("case_control")
#' @export
example_studies <- function(trait = "quantitative") {
  unlist(call_core("example_studies", trait = trait))
}
