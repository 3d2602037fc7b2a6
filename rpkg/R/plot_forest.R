#' Forest plot of one variant
#'
#' @param x A result of [meta_analyze()], whose studies are read again for the variant; or a data frame with a row a
#'   study: `study`, `beta`, `standard_error` and, if it is known, `n`.
#' @param variant Of a result: which variant, by its id.
#' @param odds_ratio Whether the effects are logarithms of odds ratios, to be shown as these.
#' @param tau_squared For a data frame: estimator of the between-study variance, as in [random_effects()].
#' @param title A heading; the variant and its effect allele if not given.
#' @return A ggplot object.
#' @examples
#' if (gwasmeta_available()) {
#'   studies <- data.frame(
#'     study = c("north", "south", "west"), beta = c(0.12, 0.05, 0.20), standard_error = c(0.04, 0.03, 0.08)
#'   )
#'   plot_forest(studies)
#' }
#' @export
plot_forest <- function(x, variant = NULL, odds_ratio = FALSE, tau_squared = "DL", title = NULL) {
  of_result <- inherits(x, "gwas_meta")
  if (!of_result) {
    absent <- setdiff(c("study", "beta", "standard_error"), names(x))
    if (length(absent) > 0) stop_gwasmeta("a forest plot of a data frame needs the column ", absent[1])
  }
  data <- call_core("forest",
    result = if (of_result) handle_of(x), variant = variant,
    study = if (!of_result) as_sequence(as.character(x$study)),
    beta = if (!of_result) as_sequence(as.double(x$beta)),
    standard_error = if (!of_result) as_sequence(as.double(x$standard_error)),
    n = if (!of_result && !is.null(x$n)) as_sequence(as.double(x$n)),
    tau_squared = tau_squared
  )
  draw_forest(data, odds_ratio, if (is.null(title)) data$title else title)
}

draw_forest <- function(data, odds_ratio, title) {
  n_studies <- nrow(data$studies)
  studies <- transform(data$studies, at = rev(seq_len(n_studies)) + 2)
  summaries <- transform(data$summaries, at = c(1.2, 0.2))
  top <- n_studies + 2.9
  # Areas by sample size, or by the weight in the fixed-effects mean where a sample size is not known.
  studies$area <- if (anyNA(studies$n)) studies$weight else studies$n
  shown <- function(rows) {
    value <- if (odds_ratio) exp(rows[c("beta", "lower", "upper")]) else rows[c("beta", "lower", "upper")]
    gsub("-", "\u2212", sprintf("%.3f  [%.3f, %.3f]", value$beta, value$lower, value$upper))
  }
  at <- c(studies$at, summaries$at)
  beside <- function(of_studies, of_summaries) as.expression(c(as.list(of_studies), lapply(of_summaries, bold)))
  texts <- c(beside(shown(studies), shown(summaries)), if (odds_ratio) "odds ratio [95 % CI]" else "effect [95 % CI]")
  ggplot2::ggplot(studies, ggplot2::aes(x = .data$beta, y = .data$at)) +
    ggplot2::geom_vline(xintercept = 0, colour = colours$line, linewidth = 0.4) +
    ggplot2::geom_vline(xintercept = summaries$beta[1], colour = colours$orange, linetype = "dashed", linewidth = 0.4) +
    ggplot2::geom_hline(yintercept = 2.2, colour = colours$faint, linewidth = 0.4) +
    ggplot2::geom_segment(
      ggplot2::aes(x = .data$lower, xend = .data$upper, yend = .data$at),
      colour = colours$ink, linewidth = 0.5
    ) +
    ggplot2::geom_point(ggplot2::aes(size = .data$area), shape = 15, colour = colours$dark) +
    ggplot2::scale_size_area(max_size = 6, guide = "none") +
    ggplot2::geom_polygon(
      data = diamonds(summaries), ggplot2::aes(group = .data$name, fill = .data$name)
    ) +
    ggplot2::scale_fill_manual(
      values = c("fixed effects" = colours$orange, "random effects" = colours$green), guide = "none"
    ) +
    ggplot2::scale_y_continuous(
      breaks = at, labels = beside(studies$study, summaries$name), limits = c(-0.4, top + 0.3), expand = c(0, 0),
      sec.axis = ggplot2::sec_axis(identity, breaks = c(at, top), labels = texts)
    ) +
    scale_effects(odds_ratio) +
    ggplot2::labs(y = NULL, title = title, caption = data$statistics) +
    theme_gwasmeta() +
    ggplot2::theme(
      axis.line.y = ggplot2::element_blank(), axis.ticks.y = ggplot2::element_blank(),
      plot.caption = ggplot2::element_text(hjust = 0, size = 10)
    )
}

bold <- function(text) bquote(bold(.(text)))

scale_effects <- function(odds_ratio) {
  if (!odds_ratio) {
    return(ggplot2::scale_x_continuous(name = "effect", labels = plain_numbers))
  }
  ggplot2::scale_x_continuous(
    name = "odds ratio", breaks = function(limits) log(Filter(function(at) at > 0, pretty(exp(limits)))),
    labels = function(at) format(exp(at), trim = TRUE, digits = 3)
  )
}

diamonds <- function(summaries) {
  half <- 0.32
  corners <- lapply(seq_len(nrow(summaries)), function(row) {
    one <- summaries[row, ]
    data.frame(
      name = one$name, beta = c(one$lower, one$beta, one$upper, one$beta),
      at = one$at + c(0, half, 0, -half)
    )
  })
  do.call(rbind, corners)
}
