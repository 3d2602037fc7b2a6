#' LD score regression
#'
#' `ldsc_h2()` estimates heritabilities, and what else inflates the statistics; `ldsc_rg()` genetic correlations, of all
#' pairs of traits at once; `munge()` cleans a trait as LDSC's munge_sumstats.py does.
#'
#' @param traits One item a trait, as the studies of [meta_analyze()], or a result of `munge()`. A file in LDSC's format
#'   (.sumstats) and a munged trait are taken as they are; all else is cleaned by the defaults of `munge()` first.
#' @param ld_scores,weights Folder, or beginning of the names, of the files of LD scores; for `ld_scores` those that
#'   [fetch_ld_scores()] has fetched if not given, for `weights` those of `ld_scores`.
#' @param m Number of SNPs that the LD scores are sums over; that of the panel if not given.
#' @param m_file Which of the panel's numbers: `"M_5_50"`, of the SNPs with a minor allele frequency above 5 %, or
#'   `"M"`.
#' @param intercept One number, one a trait, or a named vector: take the intercept as known; `NA` where it is to be
#'   estimated.
#' @param intercepts Symmetric matrix, traits by traits, of intercepts that are known; `NA` where they are to be
#'   estimated.
#' @param two_step Estimate the intercept from SNPs with z² below this only, then the slope from all; `NULL` for one
#'   step.
#' @param chi_squared_max Leave out SNPs with z² of this or more.
#' @param n_blocks Of the jackknife.
#' @param sample_prevalence,population_prevalence Share of cases in the study and in the population, one number, one a
#'   trait, or a named vector; `NA` for a quantitative trait.
#' @param pairs `"all"`, or `"first"`: the first trait with all others.
#' @param cluster As for [mtag()]; it wins time from a hundred traits on.
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_ldsc`, with
#'   \item{table}{data frame with one row a trait, or one a pair of traits}
#'   \item{log}{what each rule removed of each trait}
#'   \item{warnings}{what is not as it should be}
#'   \item{genetic_correlation, genetic_covariance, intercept}{of `ldsc_rg()`: matrices, and others of their standard
#'     errors}
#'
#'   `print()`, `summary()`, `as.data.frame()` and [write_results()] work on it.
#' @references Bulik-Sullivan et al. (2015), Nature Genetics 47:291 and 47:1236.
#' @examples
#' if (gwasmeta_available()) {
#'   ldsc_h2(example_traits(), ld_scores = example_ld_scores())
#'   result <- ldsc_rg(example_traits(), ld_scores = example_ld_scores())
#'   result$genetic_correlation
#' }
#' @export
ldsc_h2 <- function(traits, ld_scores = NULL, weights = NULL, m = NULL, m_file = "M_5_50", intercept = NULL,
                    two_step = 30, chi_squared_max = NULL, n_blocks = 200, sample_prevalence = NULL,
                    population_prevalence = NULL, progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("ldsc_h2",
    traits = as_traits(traits),
    ld_scores = expand_path(ld_scores),
    weights = expand_path(weights),
    m = m,
    m_file = m_file,
    intercept = as_numbers(intercept),
    two_step = two_step,
    chi_squared_max = chi_squared_max,
    n_blocks = as_count(n_blocks, "n_blocks"),
    sample_prevalence = as_numbers(sample_prevalence),
    population_prevalence = as_numbers(population_prevalence),
    say = say_progress(progress)
  )
  new_ldsc(found)
}

#' @rdname ldsc_h2
#' @export
ldsc_rg <- function(traits, ld_scores = NULL, weights = NULL, m = NULL, m_file = "M_5_50", pairs = "all",
                    intercepts = NULL, two_step = NULL, chi_squared_max = NULL, n_blocks = 200,
                    sample_prevalence = NULL, population_prevalence = NULL, cluster = NULL,
                    progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("ldsc_rg",
    traits = as_traits(traits),
    ld_scores = expand_path(ld_scores),
    weights = expand_path(weights),
    m = m,
    m_file = m_file,
    pairs = pairs,
    intercepts = intercepts,
    two_step = two_step,
    chi_squared_max = chi_squared_max,
    n_blocks = as_count(n_blocks, "n_blocks"),
    sample_prevalence = as_numbers(sample_prevalence),
    population_prevalence = as_numbers(population_prevalence),
    cluster = as_cluster(cluster),
    say = say_progress(progress)
  )
  new_ldsc(found)
}

#' @rdname ldsc_h2
#' @inheritParams read_sumstats
#' @param maf_min,info_min Minor allele frequency must be above, imputation quality at least this, where the file has
#'   it; `NULL` for no such rule.
#' @param n_min,n_max Limits of the sample size. The lower one is the trait's 90th percentile divided by 1.5 if not
#'   given.
#' @param ambiguous Keep A/T and C/G SNPs.
#' @param merge_alleles Path of a list of SNPs with the columns SNP, A1 and A2, to restrict to.
#' @param median_z_max A trait whose median z is further from 0 is refused.
#' @param z_from Whether the size of z comes from the `"p_value"`, where there is one, or is that of the `"file"`.
#' @export
munge <- function(source, name = NULL, dialect = NULL, columns = NULL, n = NULL, n_cases = NULL, n_controls = NULL,
                  filters = NULL, maf_min = 0.01, info_min = 0.9, n_min = NULL, n_max = NULL, ambiguous = FALSE,
                  merge_alleles = NULL, median_z_max = 0.1, z_from = "p_value") {
  found <- call_core("munge",
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters),
    maf_min = maf_min,
    info_min = info_min,
    n_min = n_min,
    n_max = n_max,
    ambiguous = ambiguous,
    merge_alleles = expand_path(merge_alleles),
    median_z_max = median_z_max,
    z_from = z_from
  )
  found$warnings <- as.character(unlist(found$warnings))
  new_result(found, "gwas_munged")
}

#' Fetch published LD scores
#'
#' Once, into the user's cache, where [mtag()], [ldsc_h2()] and [ldsc_rg()] look for them. Checksums are compared; files
#' that are there and right are not fetched again.
#'
#' @param panel Name of the panel. `"eur_w_ld_chr"`: Europeans of 1000 Genomes, 1.29 million SNPs of HapMap 3, 26 MB.
#' @param folder Where its files go; the cache if not given.
#' @param progress `FALSE` for no messages while it runs.
#' @return The folder, invisibly, to be given as `ld_scores`.
#' @examples
#' \dontrun{
#' fetch_ld_scores()
#' mtag(c(height = "height.txt.gz", bmi = "bmi.txt.gz"))
#' }
#' @export
fetch_ld_scores <- function(panel = "eur_w_ld_chr", folder = NULL, progress = getOption("gwasmeta.progress", TRUE)) {
  invisible(call_core("fetch_ld_scores", panel = panel, folder = expand_path(folder), say = say_progress(progress)))
}

new_ldsc <- function(found) {
  found$warnings <- as.character(unlist(found$warnings))
  new_result(found, "gwas_ldsc")
}

# Studies, or munged traits, which Python holds.
as_traits <- function(traits) {
  if (inherits(traits, "gwas_munged")) traits <- list(traits)
  if (!is.list(traits) || is.data.frame(traits) || inherits(traits, "gwas_study")) {
    return(as_studies(traits))
  }
  names <- item_names(traits)
  unname(Map(function(item, name) {
    if (inherits(item, "gwas_munged")) handle_of(item) else as_study(item, name)
  }, traits, names))
}

# NA is a double here: Python's mean of "to be estimated" is NaN.
as_numbers <- function(x) {
  if (is.null(x)) NULL else setNames(as.double(x), names(x))
}

#' @export
print.gwas_ldsc <- function(x, ...) {
  shown <- c("trait", "trait_1", "trait_2", "h2", "rg", "h2_standard_error", "rg_standard_error", "intercept",
    "intercept_standard_error", "z", "p_value", "gencov_intercept", "ratio", "lambda_gc", "n_snps"
  )
  cat("LD score regression: ", x$kind, "\n", sep = "")
  print(x$table[intersect(shown, names(x$table))], row.names = FALSE, digits = 4)
  for (text in x$warnings) cat("warning: ", text, "\n", sep = "")
  invisible(x)
}

#' @export
summary.gwas_ldsc <- function(object, ...) {
  structure(list(description = object$description), class = "summary.gwas_ldsc")
}

#' @export
print.summary.gwas_ldsc <- function(x, ...) print_description(x)

#' @export
as.data.frame.gwas_ldsc <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}

#' @rdname write_results
#' @export
write_results.gwas_ldsc <- function(x, out, ...) {
  invisible(call_core("write", result = handle_of(x), out = path.expand(out)))
}

#' @rdname write_results
#' @export
write_results.gwas_munged <- function(x, out, ...) {
  invisible(call_core("write", result = handle_of(x), out = path.expand(out)))
}

#' @export
`$.gwas_munged` <- function(x, name) {
  lazy_field(x, name, gwas_munged_fetchers)
}

#' @export
`[[.gwas_munged` <- function(x, i, ...) {
  if (is.character(i)) lazy_field(x, i, gwas_munged_fetchers) else unclass(x)[[i, ...]]
}

gwas_munged_fetchers <- list(table = function(handle) call_core("table_of_trait", result = handle))

#' @export
as.data.frame.gwas_munged <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}

#' @export
print.gwas_munged <- function(x, ...) {
  cat(x$name, ": ", format(x$n_snps, big.mark = ","), " SNPs; mean chi-squared ",
    format(x$mean_chi_squared, digits = 4), ", lambda ", format(x$lambda_gc, digits = 4), "\n",
    sep = ""
  )
  print(x$log[c("rule", "removed", "left")], row.names = FALSE)
  for (text in x$warnings) cat("warning: ", text, "\n", sep = "")
  invisible(x)
}
