#' The statistics of a meta-analysis, on matrices
#'
#' @param beta Matrix of effects, variants by studies; `NA` where a study did not measure the variant. A vector is one
#'   variant.
#' @param standard_error Matrix of the same shape, in the same units.
#' @param estimator Of the between-study variance: `"DL"` (DerSimonian-Laird), `"PM"`, `"REML"`, `"ML"`, `"SJ"`, `"HE"`,
#'   `"HS"`, `"EB"`.
#' @param hartung_knapp Take the standard error from the spread of the effects, and test by Student's t.
#' @return A data frame with one row a variant; row names are those of `beta`. `leave_one_out()`: a list of matrices
#'   `beta`, `standard_error` and `neg_log_10_p_value`, whose column i leaves out study i.
#' @references Willer, Li & Abecasis (2010), Bioinformatics 26:2190; DerSimonian & Laird (1986), Controlled Clinical
#'   Trials 7:177; Hartung & Knapp (2001), Statistics in Medicine 20:3875; Cochran (1954), Biometrics 10:101; Higgins &
#'   Thompson (2002), Statistics in Medicine 21:1539.
#' @examples
#' if (gwasmeta_available()) {
#'   beta <- rbind(rs1 = c(0.12, 0.05, 0.20), rs2 = c(0.01, NA, 0.03))
#'   standard_error <- rbind(rs1 = c(0.04, 0.03, 0.08), rs2 = c(0.02, NA, 0.02))
#'   fixed_effects(beta, standard_error)
#'   random_effects(beta, standard_error, "REML")
#'   heterogeneity(beta, standard_error)
#'   leave_one_out(beta, standard_error)$beta
#' }
#' @export
fixed_effects <- function(beta, standard_error) {
  beta <- as_variants(beta)
  found <- call_core("fixed_effects", beta = beta, standard_error = as_variants(standard_error))
  with_variant_names(found, beta)
}

#' @rdname fixed_effects
#' @export
random_effects <- function(beta, standard_error, estimator = "DL", hartung_knapp = FALSE) {
  beta <- as_variants(beta)
  found <- call_core("random_effects",
    beta = beta, standard_error = as_variants(standard_error), estimator = estimator, hartung_knapp = hartung_knapp
  )
  with_variant_names(found, beta)
}

#' @rdname fixed_effects
#' @export
heterogeneity <- function(beta, standard_error) {
  beta <- as_variants(beta)
  found <- call_core("heterogeneity", beta = beta, standard_error = as_variants(standard_error))
  with_variant_names(found, beta)
}

#' @rdname fixed_effects
#' @export
leave_one_out <- function(beta, standard_error) {
  beta <- as_variants(beta)
  found <- call_core("leave_one_out", beta = beta, standard_error = as_variants(standard_error))
  lapply(found, function(matrix) {
    dimnames(matrix) <- dimnames(beta)
    matrix
  })
}

#' Genomic control
#'
#' The genomic inflation factor (lambda GC), the median of z² divided by that of chi-squared on one degree of freedom;
#' and the statistics corrected by it where it is above 1.
#'
#' @param z Vector of z statistics; `NA` where there is none.
#' @param standard_error Standard errors to be corrected too, if given.
#' @return A list: `inflation_factor`, `z`, and `standard_error` if it was given.
#' @references Devlin & Roeder (1999), Biometrics 55:997.
#' @examples
#' if (gwasmeta_available()) genomic_control(c(-1.9, 0.3, 1.2, -0.8, 2.4))
#' @export
genomic_control <- function(z, standard_error = NULL) {
  if (!is.null(standard_error) && length(standard_error) != length(z)) {
    stop_gwasmeta("there are ", length(z), " z statistics, but ", length(standard_error), " standard errors")
  }
  call_core("genomic_control",
    z = as_sequence(as.double(z)),
    standard_error = as_sequence(if (!is.null(standard_error)) as.double(standard_error))
  )
}

# A vector is one variant's studies.
as_variants <- function(x) {
  if (is.data.frame(x)) x <- as.matrix(x)
  if (is.matrix(x)) x else matrix(x, nrow = 1, dimnames = list(NULL, names(x)))
}

with_variant_names <- function(frame, beta) {
  if (!is.null(rownames(beta))) row.names(frame) <- rownames(beta)
  frame
}
