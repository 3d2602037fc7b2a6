#' A study, and what its file does not say
#'
#' [meta_analyze()], [mtag()] and [read_sumstats()] take a path or a data frame as a study. Where more needs to be
#' said, `study()` says it.
#'
#' @param source Path of the summary statistics, or a data frame (tibble, data.table) of them.
#' @param name How results and logs call the study; the file's name without its endings if not given.
#' @param n,n_cases,n_controls Samples, for files without such a column. A column wins, row by row, where it has a
#'   value.
#' @param dialect The format, by its name; recognised from the header if not given.
#' @param columns Named vector: canonical column to the header's word for it, such as
#'   `c(effect_allele = "Allele2")`, for columns that the dialect does not know or gets wrong.
#' @param filters Conditions that a row must satisfy, such as `"info >= 0.4"`.
#' @param inflation_factor The genomic-control factor to use instead of the one estimated from the rows.
#' @param sex `"male"` or `"female"`, for sex-differentiated analysis.
#' @param flip_effects `TRUE` to change the sign of every effect: the file gives those of the other allele.
#' @param exclusions Conditions that a row must not satisfy; unlike a filter turned around, one leaves rows without the
#'   value in.
#' @param sums Named vector: column of the result to the header's word for the numbers that it adds up over studies.
#' @param text_rules Named list, how a text is split into columns: `separator`, `uneven_lines` (`"refuse"`, `"skip"`,
#'   `"lenient"`), `repeated_words` (`"refuse"`, `"first"`, `"last"`), `lower_case_filters`.
#' @param trait Which trait is meant, of a file with several.
#' @param side_files Paths of further files of the study, with what its results lack (PLINK's .frq or .bim); looked for
#'   beside it if not given.
#' @return A `gwas_study`, to be given to the functions above, alone or in a list.
#' @examples
#' study("finns.txt", n = 18500, columns = c(effect_allele = "A2", other_allele = "A1"))
#' @export
study <- function(source, name = NULL, n = NULL, n_cases = NULL, n_controls = NULL, dialect = NULL, columns = NULL,
                  filters = NULL, inflation_factor = NULL, sex = NULL, flip_effects = FALSE, exclusions = NULL,
                  sums = NULL, text_rules = NULL, trait = NULL, side_files = NULL) {
  if (is.character(source) && length(source) != 1) stop_gwasmeta("study(): give one path, not ", length(source))
  fields <- list(
    source = if (is.character(source)) path.expand(source) else source,
    name = name,
    n = n,
    n_cases = n_cases,
    n_controls = n_controls,
    dialect = dialect,
    columns = columns,
    filters = as_sequence(filters),
    inflation_factor = inflation_factor,
    sex = sex,
    flip_effects = flip_effects,
    exclusions = as_sequence(exclusions),
    sums = sums,
    text_rules = text_rules,
    trait = trait,
    side_files = as_sequence(if (!is.null(side_files)) path.expand(side_files))
  )
  structure(fields, class = "gwas_study")
}

#' @export
print.gwas_study <- function(x, ...) {
  said <- Filter(Negate(is.null), unclass(x)[-1])
  source <- if (is.character(x$source)) x$source else paste0("data frame of ", nrow(x$source), " rows")
  cat("study: ", source, "\n", sep = "")
  for (name in setdiff(names(said), "flip_effects")) {
    cat("  ", name, ": ", paste(deparse(c(unclass(said[[name]])), width.cutoff = 100L), collapse = " "), "\n", sep = "")
  }
  invisible(x)
}

# Bring what the user gave to a list of studies, each with its name if it has one.
as_studies <- function(studies) {
  if (is.data.frame(studies) || inherits(studies, "gwas_study")) studies <- list(studies)
  if (!is.character(studies) && !is.list(studies)) {
    stop_gwasmeta(
      "studies must be paths, data frames, or a list of these, not of class ", class(studies)[1], "\n",
      "  One item a study: meta_analyze(c(ukb = \"ukb.txt.gz\", ours = \"ours.txt\"))"
    )
  }
  unname(Map(as_study, as.list(studies), item_names(studies)))
}

item_names <- function(items) {
  if (is.null(names(items))) rep("", length(items)) else names(items)
}

as_study <- function(item, name) {
  if (!is.data.frame(item) && !inherits(item, "gwas_study") && !(is.character(item) && length(item) == 1)) {
    found <- paste(class(item)[1], "of length", length(item))
    stop_gwasmeta("a study must be a path, a data frame or study(...), not ", found)
  }
  if (!inherits(item, "gwas_study")) item <- study(item)
  if (nzchar(name)) item$name <- name
  unclass(item)
}
