#' Combine one trait over studies
#'
#' Each study is read once; its rows are checked, matched to variants, and turned to the alleles of the first study that
#' has the variant. Formats are recognised from the header.
#'
#' @param studies One item a study: a path, a data frame (tibble, data.table), or a [study()], which says what a file
#'   does not. A vector of paths, a list, or what [read_manifest()] reads. Names are the studies' names.
#' @param methods `"fixed"` (inverse variance), `"random"`, `"sample_size"` (z weighted by the root of the effective
#'   sample size), or several of them. The first gives the plain columns `beta`, `standard_error`, `z`, `p_value`; the
#'   columns of the others begin with the method's name.
#' @param tau_squared Estimator of the between-study variance for random effects: `"DL"` (DerSimonian-Laird), `"PM"`,
#'   `"REML"`, `"ML"`, `"SJ"`, `"HE"`, `"HS"`, `"EB"`.
#' @param hartung_knapp Standard error of the random-effects mean by Hartung and Knapp, tested by Student's t.
#' @param genomic_control Multiply each study's variances by its genomic inflation factor where that is above 1.
#' @param genomic_control_variants Estimate the factors from these variants only: a path, or a vector of ids.
#' @param genomic_control_result Correct the result too.
#' @param match What makes two rows the same variant: `"id"`, or `"position"` (chromosome, position and alleles).
#' @param palindromic A/T and C/G variants: `"keep"` as they are, `"drop"`, or `"infer"` the strand from frequencies.
#' @param palindromic_window For `"infer"`: leave out frequencies within this of 0.5.
#' @param frequency_difference Note in the log rows whose frequency is further than this from the studies before.
#' @param filters Conditions that every row of every study must satisfy, such as `"info >= 0.4"`.
#' @param min_studies,min_n Leave variants out of the result that fewer studies have, or that have fewer samples.
#' @param direction_p Show a study's direction only where its own p-value is at most this.
#' @param leave_one_out Add the fixed-effects estimates without each study.
#' @param sex_differentiated Add each sex's estimates and the tests of their difference; [study()] says whose study
#'   it is.
#' @param overlap Allow for samples that studies share: `"estimated"`, a matrix of correlations or of numbers of shared
#'   samples, or the path of one.
#' @param z_cutoff Estimate these correlations from variants whose |z| is below it in both studies.
#' @param position_conflicts Rows that give a variant another place than the studies before: `"warn"` or `"exclude"`.
#' @param cluster Spread the work over so many processes of this machine, or over the workers of the Dask scheduler at
#'   an address, such as `"tcp://login1:8786"`. The numbers are the same to the bit.
#' @param memory What this process may take, such as `"4GB"`, or a number of bytes; what does not fit is kept in
#'   temporary files.
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_meta`, with
#'   \item{table}{data frame with one row a variant; `neg_log_10_p_value` is exact, `p_value` 0 where a double cannot
#'     hold it. It is taken over from Python when it is first asked for.}
#'   \item{studies}{one row a study: rows read, used and excluded, samples, genomic inflation, checksum}
#'   \item{log}{for each study and rule: how many rows, what happened to them, and the first examples}
#'   \item{inflation_factors, n_left_out, correlations, parameters}{of the result}
#'
#'   `print()`, `summary()`, `as.data.frame()`, [lead_variants()] and [write_results()] work on it.
#' @references Willer, Li & Abecasis (2010), Bioinformatics 26:2190; Mägi & Morris (2010), BMC Bioinformatics 11:288;
#'   Devlin & Roeder (1999), Biometrics 55:997.
#' @examples
#' if (gwasmeta_available()) {
#'   result <- meta_analyze(example_studies(), methods = c("fixed", "random"), genomic_control = TRUE)
#'   print(result)
#'   head(result$table)
#'   lead_variants(result)
#' }
#' @export
meta_analyze <- function(studies, methods = "fixed", tau_squared = "DL", hartung_knapp = FALSE,
                         genomic_control = FALSE, genomic_control_variants = NULL, genomic_control_result = FALSE,
                         match = "id", palindromic = "keep", palindromic_window = 0.08, frequency_difference = 0.3,
                         filters = NULL, min_studies = 1, min_n = 0, direction_p = 1, leave_one_out = FALSE,
                         sex_differentiated = FALSE, overlap = NULL, z_cutoff = 1, position_conflicts = "warn",
                         cluster = NULL, memory = NULL, progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("meta_analyze",
    studies = as_studies(studies),
    methods = as_sequence(methods),
    tau_squared = tau_squared,
    hartung_knapp = hartung_knapp,
    genomic_control = genomic_control,
    genomic_control_variants = expand_path(genomic_control_variants),
    genomic_control_result = genomic_control_result,
    match = match,
    palindromic = palindromic,
    palindromic_window = palindromic_window,
    frequency_difference = frequency_difference,
    filters = as_sequence(as.character(filters)),
    min_studies = as_count(min_studies, "min_studies"),
    min_n = as_whole(min_n),
    direction_p = direction_p,
    leave_one_out = leave_one_out,
    sex_differentiated = sex_differentiated,
    overlap = expand_path(overlap),
    z_cutoff = z_cutoff,
    position_conflicts = position_conflicts,
    cluster = as_cluster(cluster),
    memory = memory,
    say = say_progress(progress)
  )
  found$inflation_factors <- unlist(found$inflation_factors)
  found$n_left_out <- unlist(found$n_left_out)
  new_result(found, "gwas_meta")
}

# A number of processes, or the address of a scheduler.
as_cluster <- function(cluster) {
  if (is.numeric(cluster)) as_count(cluster, "cluster") else cluster
}

# Python does not know what ~ stands for. Everything but a path stays as it is.
expand_path <- function(x) {
  if (is.character(x) && length(x) == 1) path.expand(x) else x
}

#' The most significant variant of each locus
#'
#' @param x A `gwas_meta`, or a data frame with the columns `chromosome`, `base_pair_location` and
#'   `neg_log_10_p_value`.
#' @param p Variants with a larger p-value are no candidates.
#' @param window Base pairs. A variant nearer than this to a more significant lead variant belongs to its locus.
#' @return Rows of the table as a data frame, the most significant first.
#' @examples
#' if (gwasmeta_available()) {
#'   lead_variants(meta_analyze(example_studies()), p = 1e-6)
#' }
#' @export
lead_variants <- function(x, p = 5e-8, window = 500000) {
  table <- if (inherits(x, "gwas_meta")) handle_of(x) else x
  call_core("lead_variants", table = table, p = p, window = window)
}

#' Write a result to files
#'
#' The table, the log of what was left out, and a JSON file with everything that is needed to repeat the run. They
#' appear whole, or not at all.
#'
#' @param x A result of [meta_analyze()], [mtag()], [ldsc_h2()], [ldsc_rg()] or [munge()].
#' @param out Beginning of the files' names. For a `gwas_meta` also the table's name, if it ends in `.tsv`, `.txt` (also
#'   `.gz`, `.bgz` or `.zst` behind it) or `.parquet`.
#' @param format For a `gwas_meta`: columns of the table, those of `"gwasmeta"`, `"ssf"` (GWAS-SSF), `"gwama"` or
#'   `"metal"`.
#' @param ... For methods.
#' @return Paths of the files, invisibly.
#' @examples
#' if (gwasmeta_available()) {
#'   result <- meta_analyze(example_studies())
#'   write_results(result, file.path(tempdir(), "height"))
#' }
#' @export
write_results <- function(x, out, ...) {
  UseMethod("write_results")
}

#' @rdname write_results
#' @export
write_results.gwas_meta <- function(x, out, format = "gwasmeta", ...) {
  invisible(call_core("write", result = handle_of(x), out = path.expand(out), format = format))
}

#' @export
`$.gwas_meta` <- function(x, name) {
  lazy_field(x, name, gwas_meta_fetchers)
}

#' @export
`[[.gwas_meta` <- function(x, i, ...) {
  if (is.character(i)) lazy_field(x, i, gwas_meta_fetchers) else unclass(x)[[i, ...]]
}

gwas_meta_fetchers <- list(
  table = function(handle) call_core("table", result = handle),
  log = function(handle) call_core("log", result = handle),
  strongest = function(handle) call_core("strongest", result = handle)
)

#' @importFrom utils .DollarNames
#' @method .DollarNames gwas_meta
#' @export
.DollarNames.gwas_meta <- function(x, pattern = "") {
  known <- c(names(gwas_meta_fetchers), names(unclass(x)))
  grep(pattern, known[!startsWith(known, ".")], value = TRUE)
}

#' @export
print.gwas_meta <- function(x, ...) {
  cat(x$description, "\n", sep = "")
  first <- c(
    "variant_id", "chromosome", "base_pair_location", "effect_allele", "other_allele", "beta", "standard_error", "z",
    "neg_log_10_p_value", "n_studies", "direction", "i_squared"
  )
  strongest <- x$strongest
  cat("strongest:\n")
  print(strongest[intersect(first, names(strongest))], row.names = FALSE, digits = 4)
  invisible(x)
}

#' @export
summary.gwas_meta <- function(object, ...) {
  has_places <- !all(is.na(object$strongest$base_pair_location))
  lead <- if (has_places) lead_variants(object)
  fields <- list(description = object$description, studies = object$studies, lead_variants = lead)
  structure(fields, class = "summary.gwas_meta")
}

#' @export
print.summary.gwas_meta <- function(x, ...) {
  cat(x$description, "\n", sep = "")
  if (is.null(x$lead_variants)) {
    return(invisible(x))
  }
  cat("lead variants (p <= 5e-8): ", nrow(x$lead_variants), "\n", sep = "")
  shown <- c("variant_id", "chromosome", "base_pair_location", "beta", "standard_error", "p_value", "n_studies")
  if (nrow(x$lead_variants) > 0) {
    print(x$lead_variants[intersect(shown, names(x$lead_variants))], row.names = FALSE, digits = 4)
  }
  invisible(x)
}

#' @export
as.data.frame.gwas_meta <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}
