#' @rdname plot_manhattan
#' @param kind `"manhattan"` or `"qq"`.
#' @param object As `x`.
#' @param ... For `plot()` and `autoplot()`: what the picture takes.
#' @importFrom ggplot2 autoplot .data
#' @export
autoplot.gwas_meta <- function(object, kind = c("manhattan", "qq"), ...) {
  switch(match.arg(kind),
    manhattan = plot_manhattan(object, ...),
    qq = plot_qq(object, ...)
  )
}

#' @rdname plot_manhattan
#' @export
autoplot.gwas_mtag <- function(object, kind = c("manhattan", "qq", "genetic_correlation"), ...) {
  switch(match.arg(kind),
    manhattan = plot_manhattan(object, ...),
    qq = plot_qq(object, ...),
    genetic_correlation = plot_genetic_correlation(object, ...)
  )
}

#' @rdname plot_genetic_correlation
#' @param object As `x`.
#' @param ... For `plot()` and `autoplot()`: what the picture takes.
#' @export
autoplot.gwas_ldsc <- function(object, ...) {
  plot_genetic_correlation(object, ...)
}

#' @rdname plot_manhattan
#' @export
plot.gwas_meta <- function(x, ...) draw(autoplot(x, ...))

#' @rdname plot_manhattan
#' @export
plot.gwas_mtag <- function(x, ...) draw(autoplot(x, ...))

#' @rdname plot_genetic_correlation
#' @export
plot.gwas_ldsc <- function(x, ...) draw(autoplot(x, ...))

draw <- function(picture) {
  print(picture)
  invisible(picture)
}
