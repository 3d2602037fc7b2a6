#' Heat map of genetic correlations
#'
#' @param x A result of [mtag()] or [ldsc_rg()], or a matrix of correlations with names.
#' @param title A heading.
#' @return A ggplot object.
#' @examples
#' if (gwasmeta_available()) {
#'   plot_genetic_correlation(ldsc_rg(example_traits(), ld_scores = example_ld_scores()))
#' }
#' @export
plot_genetic_correlation <- function(x, title = NULL) {
  matrix <- if (is.matrix(x)) x else x$genetic_correlation
  if (is.null(matrix)) stop_gwasmeta("there are no genetic correlations: they are those of ldsc_rg() or mtag()")
  names <- if (is.null(rownames(matrix))) as.character(seq_len(nrow(matrix))) else rownames(matrix)
  cells <- data.frame(
    row = factor(rep(names, ncol(matrix)), levels = rev(names)),
    column = factor(rep(names, each = nrow(matrix)), levels = names), value = as.vector(matrix)
  )
  cells$text <- ifelse(is.na(cells$value), "", sub("-", "\u2212", sprintf("%.2f", cells$value)))
  picture <- ggplot2::ggplot(cells, ggplot2::aes(x = .data$column, y = .data$row, fill = .data$value)) +
    ggplot2::geom_tile(colour = "white", linewidth = 0.8) +
    ggplot2::scale_fill_gradientn(
      colours = diverging, limits = c(-1, 1), oob = function(values, range) pmin(pmax(values, range[1]), range[2]),
      name = "genetic\ncorrelation", na.value = "white"
    ) +
    ggplot2::coord_equal() +
    ggplot2::labs(x = NULL, y = NULL, title = title) +
    theme_gwasmeta() +
    ggplot2::theme(
      axis.line = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
      axis.text.x = if (max(nchar(names)) > 4) ggplot2::element_text(angle = 45, hjust = 1)
    )
  if (length(names) > 20) {
    return(picture)
  }
  picture + ggplot2::geom_text(
    ggplot2::aes(label = .data$text), size = 3.6,
    colour = ifelse(!is.na(cells$value) & abs(cells$value) > 0.6, "white", colours$ink)
  )
}

# From blue to red, as matplotlib's RdBu_r.
diverging <- c(
  "#053061", "#2166AC", "#4393C3", "#92C5DE", "#D1E5F0", "#F7F7F7", "#FDDBC7", "#F4A582", "#D6604D", "#B2182B",
  "#67001F"
)
