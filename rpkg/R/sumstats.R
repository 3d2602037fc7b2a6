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
  found <- call_core("read_sumstats",
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters)
  )
  found$columns <- unlist(found$columns)
  structure(found, class = "gwas_sumstats")
}

# The fields of one study, which a study() says alone.
one_study <- function(source, name, dialect, columns, n, n_cases, n_controls, filters) {
  options <- list(
    name = name, dialect = dialect, columns = columns, n = n, n_cases = n_cases, n_controls = n_controls,
    filters = filters
  )
  options <- Filter(Negate(is.null), options)
  if (!inherits(source, "gwas_study")) {
    return(unclass(do.call(study, c(list(source), options))))
  }
  if (length(options) > 0) {
    stop_gwasmeta("a study() says everything of itself; give ", names(options)[1], " to study()")
  }
  unclass(source)
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
  print(head(x$table), row.names = FALSE, digits = 4)
  invisible(x)
}

#' @export
as.data.frame.gwas_sumstats <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}

#' What a file of summary statistics is understood as, and what is odd about it
#'
#' @inheritParams read_sumstats
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_inspection`, which prints as a page, with
#'   \item{table}{data frame with a row for each word of the header: column, description, first values}
#'   \item{odd}{what to look at before the file is used}
#'   \item{file, name, dialect, title, source, effect_allele, build}{text}
#'   \item{rows_read, rows_usable, inflation_factor, mean_chi_squared, share_palindromic}{numbers}
#' @examples
#' if (gwasmeta_available()) inspect_sumstats(example_studies()[["cedar"]])
#' @export
inspect_sumstats <- function(source, name = NULL, dialect = NULL, columns = NULL, n = NULL, n_cases = NULL,
                             n_controls = NULL, filters = NULL, progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("inspect_sumstats",
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters), say = say_progress(progress)
  )
  found$odd <- as.character(unlist(found$odd))
  structure(found, class = "gwas_inspection")
}

#' Write one study in another format
#'
#' @inheritParams read_sumstats
#' @param out The file to write; where its name has no ending, the format's usual one is added.
#' @param to `"ssf"` (GWAS-SSF), `"gwama"`, `"metal"`, `"mtag"`, `"ldsc"`, `"parquet"` or `"vcf"`.
#' @param reference Path of reference variants, a VCF or a table: the effect allele becomes the alternate one, ids the
#'   reference's, and a column `hm_code` says what was done to each row.
#' @param palindromic With a reference, A/T and C/G variants: `"infer"` the strand from frequencies, `"keep"`, `"drop"`.
#' @param palindromic_window Frequencies within this of one half do not tell the strand.
#' @param liftover Path of a chain file to another build of the genome.
#' @param build Build of the positions written, such as `"GRCh38"`; found out as far as possible if not given.
#' @param metadata Path, or named list, of fields of the metadata of GWAS-SSF.
#' @param sort Write the rows in the order of chromosome and position.
#' @param tabix Sort, compress in blocks and index the file.
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_formatted`: `path`, `paths`, `to`, `dialect`, `columns`, `build`, `codes`, `rows_read`,
#'   `rows_written`, and the data frame `log`.
#' @examples
#' if (gwasmeta_available()) {
#'   format_sumstats(example_studies()[["cedar"]], file.path(tempdir(), "cedar.tsv.gz"), to = "ssf")
#' }
#' @export
format_sumstats <- function(source, out, to = "ssf", name = NULL, dialect = NULL, columns = NULL, n = NULL,
                            n_cases = NULL, n_controls = NULL, filters = NULL, reference = NULL,
                            palindromic = "infer", palindromic_window = 0.08, liftover = NULL, build = NULL,
                            metadata = NULL, sort = FALSE, tabix = FALSE,
                            progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("format_sumstats",
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters),
    out = path.expand(out),
    to = to,
    reference = expand_path(reference),
    palindromic = palindromic,
    palindromic_window = palindromic_window,
    liftover = expand_path(liftover),
    build = build,
    metadata = expand_path(metadata),
    sort = sort,
    tabix = tabix,
    say = say_progress(progress)
  )
  found$columns <- unlist(found$columns)
  found$codes <- unlist(found$codes)
  structure(found, class = "gwas_formatted")
}

#' @export
print.gwas_inspection <- function(x, ...) print_description(x)

#' @export
print.gwas_formatted <- function(x, ...) print_description(x)

#' @export
as.data.frame.gwas_inspection <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}

print_description <- function(x) {
  cat(x$description, "\n", sep = "")
  invisible(x)
}

#' Read a list of studies
#'
#' @param path A table with a header (tabs, or commas for .csv), a line a study, or YAML. Fields: `path`; `name`; `n`,
#'   `n_cases`, `n_controls`; `sex`; `dialect`; `columns` (`effect_allele=A1,other_allele=A2`); `filters` (separated by
#'   semicolons); `lambda`, the inflation factor to use; `flip_effects`; `sums`. Paths start from the list's folder.
#' @return A list of [study()], as [meta_analyze()], [mtag()], [ldsc_h2()] and [ldsc_rg()] take it.
#' @examples
#' if (gwasmeta_available()) {
#'   list <- tempfile(fileext = ".tsv")
#'   studies <- example_studies()
#'   write.table(data.frame(path = studies, name = names(studies)), list, sep = "\t", quote = FALSE, row.names = FALSE)
#'   meta_analyze(read_manifest(list))
#' }
#' @export
read_manifest <- function(path) {
  lapply(call_core("read_manifest", path = path.expand(path)), function(fields) {
    for (name in c("columns", "sums")) fields[[name]] <- unlist(fields[[name]])
    do.call(study, fields)
  })
}

#' The embedded example
#'
#' Simulated, and with the package: five cohorts, each in the format of another program; and three correlated traits
#' with their LD scores.
#'
#' @param trait `"quantitative"` or `"case_control"`.
#' @return Paths: `example_studies()`, named by cohort, as [meta_analyze()] takes them; `example_traits()`, named by
#'   trait, as [mtag()], [ldsc_h2()] and [ldsc_rg()] do; `example_ld_scores()`, the folder of the LD scores.
#' @examples
#' if (gwasmeta_available()) {
#'   example_studies("case_control")
#'   example_traits()
#' }
#' @export
example_studies <- function(trait = "quantitative") {
  unlist(call_core("example", what = "studies", trait = trait))
}

#' @rdname example_studies
#' @export
example_traits <- function() {
  unlist(call_core("example", what = "traits"))
}

#' @rdname example_studies
#' @export
example_ld_scores <- function() {
  call_core("example", what = "ld_scores")
}
