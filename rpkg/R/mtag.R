#' Estimate several traits, each from all of them
#'
#' MTAG, with LD score regression inside.
#'
#' @param traits One item a trait, as the studies of [meta_analyze()]. Names are the traits' names.
#' @param ld_scores Folder, or beginning of the names, of the files of LD scores; those that [fetch_ld_scores()]
#'   has fetched if not given. Not needed if `sigma` is given.
#' @param covariance Of the genetic effects: `"free"`; `"perfect_correlation"`; or `"identical_traits"`, if all studies
#'   are of the same trait and one table is the result.
#' @param overlap `FALSE` if the traits' studies have nobody in common.
#' @param sigma Covariance of the errors of the z statistics, a matrix or the path of one, instead of the estimate.
#' @param omega How to estimate the covariance of the standardised effects, `"moments"` or `"likelihood"`; or that
#'   covariance itself, a matrix or the path of one.
#' @param snps SNPs of the result: `"common"`, those that all traits have, or `"all"`.
#' @param standardised Effects per standard deviation of the genotype and of the trait.
#' @param maf_min Minor allele frequency must be above this; `NULL` for no such rule.
#' @param info_min Imputation quality must be at least this.
#' @param n_min,n_max Bounds of the sample size. The lower one is the trait's 90th percentile divided by 1.5 if not
#'   given.
#' @param filters Conditions that every row of every trait must satisfy.
#' @param ambiguous Keep A/T and C/G SNPs.
#' @param include,exclude Ids of SNPs to restrict to, and to leave out.
#' @param chromosomes To restrict to.
#' @param median_z_max A trait whose median z is further from 0 is refused.
#' @param mean_chi_squared_min A trait whose mean z² is smaller is refused; 0 to take any.
#' @param cluster Spread the work over so many processes of this machine, or over the workers of the Dask scheduler at
#'   an address, such as `"tcp://login1:8786"`, to the same bits; it wins time from some dozens of traits on.
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_mtag`, with
#'   \item{traits}{a data frame for each trait, by their names; one called `combined` if the traits are identical}
#'   \item{summary}{one row a trait: mean chi-squared before and after, and the equivalent sample size}
#'   \item{sigma, omega, genetic_correlation}{matrices}
#'   \item{log}{for each trait and rule: how many rows it removed, and why}
#'
#'   `print()`, `summary()`, `as.data.frame()`, [max_fdr()] and [write_results()] work on it.
#' @references Turley et al. (2018), Nature Genetics 50:229.
#' @examples
#' if (gwasmeta_available()) {
#'   result <- mtag(example_traits(), ld_scores = example_ld_scores())
#'   print(result)
#'   head(result$traits$height)
#' }
#' @export
mtag <- function(traits, ld_scores = NULL, covariance = "free", overlap = TRUE, sigma = NULL, omega = "moments",
                 snps = "common", standardised = FALSE, maf_min = 0.01, info_min = NULL, n_min = NULL, n_max = NULL,
                 filters = NULL, ambiguous = FALSE, include = NULL, exclude = NULL, chromosomes = NULL,
                 median_z_max = 0.1, mean_chi_squared_min = 1.02, cluster = NULL,
                 progress = getOption("gwasmeta.progress", TRUE)) {
  found <- call_core("mtag",
    traits = as_studies(traits),
    ld_scores = expand_path(ld_scores),
    covariance = covariance,
    overlap = overlap,
    sigma = expand_path(sigma),
    omega = expand_path(omega),
    snps = snps,
    standardised = standardised,
    maf_min = maf_min,
    info_min = info_min,
    n_min = n_min,
    n_max = n_max,
    filters = as_sequence(as.character(filters)),
    ambiguous = ambiguous,
    include = as_sequence(include),
    exclude = as_sequence(exclude),
    chromosomes = as_sequence(if (!is.null(chromosomes)) as.character(chromosomes)),
    median_z_max = median_z_max,
    mean_chi_squared_min = mean_chi_squared_min,
    cluster = as_cluster(cluster),
    say = say_progress(progress)
  )
  new_result(found, "gwas_mtag")
}

#' The largest false discovery rate that MTAG's results may have
#'
#' @param x A result of [mtag()].
#' @param intervals Probabilities of the causal states are multiples of 1 / intervals.
#' @param p_significant Threshold of significance.
#' @param fit Restrict the probabilities to those that fit the share of causal SNPs of each trait, which is estimated.
#' @param cluster As for [mtag()]; it wins time from five traits on.
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_max_fdr`, with
#'   \item{fdr}{the largest rate of each trait}
#'   \item{probability}{matrix, traits by causal states (FFT: the third of three traits alone): under which
#'     probabilities it is reached}
#'   \item{method}{`"grid"` or `"search"`}
#'   \item{n_points, n_possible, intervals, grid_fdr, n_starts, n_reached}{of the grid and the search}
#' @references Turley et al. (2018), Nature Genetics 50:229, Online Methods.
#' @examples
#' if (gwasmeta_available()) {
#'   max_fdr(mtag(example_traits()[1:2], ld_scores = example_ld_scores()))
#' }
#' @export
max_fdr <- function(x, intervals = 10, p_significant = 5e-8, fit = FALSE, cluster = NULL,
                    progress = getOption("gwasmeta.progress", TRUE)) {
  if (!inherits(x, "gwas_mtag")) stop_gwasmeta("max_fdr() needs a result of mtag(), not of class ", class(x)[1])
  found <- call_core("max_fdr",
    result = handle_of(x),
    intervals = as_count(intervals, "intervals"),
    p_significant = p_significant,
    fit = fit,
    cluster = as_cluster(cluster),
    say = say_progress(progress)
  )
  for (name in c("fdr", "grid_fdr", "n_reached")) found[[name]] <- unlist(found[[name]])
  colnames(found$probability) <- causal_states(nrow(found$probability))
  structure(found, class = "gwas_max_fdr")
}

# Which traits a SNP affects: FFF, FFT, FTF to TTT of three.
causal_states <- function(n_traits) {
  affected <- expand.grid(rep(list(c("F", "T")), n_traits))[n_traits:1]
  do.call(paste0, unname(affected))
}

#' @export
print.gwas_max_fdr <- function(x, ...) {
  points <- paste(thousands(x$n_possible), "of", thousands(x$n_points), "points possible")
  cat("largest false discovery rate, by ", x$method, " (", points, ")\n", sep = "")
  print(signif(x$fdr, 3))
  invisible(x)
}

#' @rdname write_results
#' @export
write_results.gwas_mtag <- function(x, out, ...) {
  invisible(call_core("write", result = handle_of(x), out = path.expand(out)))
}

#' @export
`$.gwas_mtag` <- function(x, name) {
  lazy_field(x, name, gwas_mtag_fetchers(x))
}

#' @export
`[[.gwas_mtag` <- function(x, i, ...) {
  if (is.character(i)) lazy_field(x, i, gwas_mtag_fetchers(x)) else unclass(x)[[i, ...]]
}

gwas_mtag_fetchers <- function(x) {
  names <- unclass(x)$trait_names
  table <- function(handle) function(name) call_core("trait_table", result = handle, trait = name)
  list(traits = function(handle) setNames(lapply(names, table(handle)), names))
}

#' @importFrom utils .DollarNames
#' @method .DollarNames gwas_mtag
#' @export
.DollarNames.gwas_mtag <- function(x, pattern = "") {
  known <- c("traits", names(unclass(x)))
  grep(pattern, known[!startsWith(known, ".")], value = TRUE)
}

#' @export
print.gwas_mtag <- function(x, ...) {
  cat(thousands(x$n_snps), " SNPs of ", nrow(x$sigma), " traits\n", sep = "")
  shown <- x$summary
  for (name in names(shown)[-1]) {
    digits <- if (startsWith(name, "mean_chi")) 3 else 0
    shown[[name]] <- formatC(shown[[name]], format = "f", digits = digits, big.mark = ",")
  }
  print(shown, row.names = FALSE)
  invisible(x)
}

#' @export
summary.gwas_mtag <- function(object, ...) {
  fields <- unclass(object)[c("n_snps", "summary", "sigma", "omega", "genetic_correlation")]
  structure(fields, class = "summary.gwas_mtag")
}

#' @export
print.summary.gwas_mtag <- function(x, ...) {
  print.gwas_mtag(x)
  cat("\ngenetic correlation\n")
  print(round(x$genetic_correlation, 3))
  cat("\nsigma, covariance of the errors of z\n")
  print(round(x$sigma, 3))
  invisible(x)
}

#' @export
as.data.frame.gwas_mtag <- function(x, row.names = NULL, optional = FALSE, ..., trait = NULL) {
  tables <- x$traits
  if (!is.null(trait)) {
    if (!trait %in% names(tables)) {
      stop_gwasmeta("there is no trait ", trait, ": the traits are ", paste(names(tables), collapse = ", "))
    }
    return(tables[[trait]])
  }
  labelled <- Map(function(table, name) cbind(trait = rep(name, nrow(table)), table), tables, names(tables))
  do.call(rbind, unname(labelled))
}
