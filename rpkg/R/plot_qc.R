#' Checks of studies before they are combined
#'
#' Standard errors and genomic inflation against sample sizes, effect sizes, rows used and left out, and reported
#' p-values against those of z.
#'
#' @param studies As for [meta_analyze()]; each is read once.
#' @param progress `FALSE` for no messages while it runs.
#' @return A `gwas_qc`, a list of ggplot objects, which prints as one page: `standard_error_n`, `inflation_n`,
#'   `effect_sizes`, `attrition`, `p_z`.
#' @references Winkler et al. (2014), Nature Protocols 9:1192 (EasyQC).
#' @examples
#' if (gwasmeta_available()) {
#'   checks <- plot_qc(example_studies())
#'   checks$p_z
#'   checks
#' }
#' @export
plot_qc <- function(studies, progress = getOption("gwasmeta.progress", TRUE)) {
  data <- call_core("quality", studies = as_studies(studies), say = say_progress(progress))
  pictures <- list(
    standard_error_n = draw_standard_errors(data$standard_error_n),
    inflation_n = draw_inflation(data$inflation_n),
    effect_sizes = draw_effect_sizes(data$effect_sizes),
    attrition = draw_attrition(data$attrition),
    p_z = draw_p_z(data$p_z, data$p_z_notes)
  )
  structure(pictures, class = "gwas_qc")
}

#' @export
print.gwas_qc <- function(x, ...) {
  grid::grid.newpage()
  n_studies <- nlevels(x$p_z$data$study)
  heights <- grid::unit(c(1, 1, 0.2 + 0.8 * max(1, ceiling(n_studies / 4))), "null")
  grid::pushViewport(grid::viewport(layout = grid::grid.layout(3, 2, heights = heights)))
  places <- list(c(1, 1), c(1, 2), c(2, 1), c(2, 2), list(3, 1:2))
  for (number in seq_along(places)) {
    place <- places[[number]]
    viewport <- grid::viewport(layout.pos.row = place[[1]], layout.pos.col = place[[2]])
    print(x[[number]], vp = viewport)
  }
  invisible(x)
}

#' @export
plot.gwas_qc <- function(x, ...) draw(x)

# `why` says in the legend which studies have the colour of those to look at.
study_points <- function(data, why) {
  list(
    ggplot2::geom_point(ggplot2::aes(colour = .data$outlying), size = 2.6, shape = 16),
    ggplot2::geom_text(ggplot2::aes(label = .data$study), size = 3, vjust = -0.9, check_overlap = TRUE),
    ggplot2::scale_colour_manual(
      values = c(`TRUE` = colours$orange, `FALSE` = colours$dark), breaks = "TRUE", labels = why, name = NULL,
      guide = if (any(data$outlying)) "legend" else "none"
    ),
    ggplot2::coord_cartesian(clip = "off"),
    theme_gwasmeta()
  )
}

# One picture less is no reason to show none.
draw_reason <- function(heading, reason) {
  ggplot2::ggplot() +
    ggplot2::annotate("text", x = 0, y = 0, label = paste(strwrap(reason, 50), collapse = "\n")) +
    ggplot2::labs(title = heading) +
    ggplot2::theme_void()
}

draw_standard_errors <- function(data) {
  heading <- "Standard errors and sample sizes"
  if (is.character(data)) {
    return(draw_reason(heading, data))
  }
  lines <- data.frame(
    slope = c(stats::median(data$y / data$x), 1), of = c("median of the studies", "a trait of variance 1")
  )
  ggplot2::ggplot(data, ggplot2::aes(x = .data$x, y = .data$y)) +
    ggplot2::geom_abline(
      data = lines, ggplot2::aes(slope = .data$slope, intercept = 0, linetype = .data$of), colour = colours$light
    ) +
    ggplot2::scale_linetype_manual(values = setNames(c("solid", "dashed"), lines$of), breaks = lines$of, name = NULL) +
    study_points(data, "more than a half off the median") +
    ggplot2::scale_x_continuous(limits = c(0, 1.12 * max(data$x)), expand = c(0, 0)) +
    ggplot2::scale_y_continuous(limits = c(0, 1.12 * max(data$y)), expand = c(0, 0)) +
    ggplot2::theme(legend.position = c(0.98, 0.02), legend.justification = c(1, 0)) +
    ggplot2::labs(x = "\u221aN", y = "C / median standard error", title = heading)
}

draw_inflation <- function(data) {
  heading <- "Genomic inflation and sample sizes"
  if (is.character(data)) {
    return(draw_reason(heading, data))
  }
  ggplot2::ggplot(data, ggplot2::aes(x = .data$x, y = .data$y)) +
    ggplot2::geom_hline(yintercept = 1, colour = colours$line, linewidth = 0.4) +
    ggplot2::geom_hline(yintercept = 1.1, colour = colours$orange, linetype = "dashed", linewidth = 0.4) +
    study_points(data, expression(lambda ~ and ~ lambda[1000] ~ "above 1.1")) +
    ggplot2::theme(legend.position = "top", legend.justification = "left") +
    ggplot2::scale_x_continuous(limits = c(0, 1.15 * max(data$x)), expand = c(0, 0), labels = plain_numbers) +
    ggplot2::scale_y_continuous(labels = plain_numbers, expand = c(0.08, 0)) +
    ggplot2::labs(x = "N", y = "genomic inflation factor \u03bb", title = heading)
}

draw_effect_sizes <- function(data) {
  data$study <- factor(data$study, levels = rev(data$study))
  ggplot2::ggplot(data, ggplot2::aes(y = .data$study)) +
    ggplot2::geom_vline(xintercept = 0, colour = colours$line, linewidth = 0.4) +
    ggplot2::geom_boxplot(
      ggplot2::aes(
        xmin = .data$low, xlower = .data$first, xmiddle = .data$middle, xupper = .data$third, xmax = .data$high
      ),
      stat = "identity", fill = colours$light, colour = colours$ink, width = 0.55
    ) +
    ggplot2::scale_x_continuous(labels = plain_numbers) +
    ggplot2::labs(x = "effect: 1 %, quartiles, 99 %", y = NULL, title = "Effect sizes") +
    theme_gwasmeta()
}

draw_attrition <- function(data) {
  rules <- unique(data$rule)
  fills <- setNames(c(colours$light, rep_len(c(colours$rules, colours$grey), length(rules) - 1)), rules)
  data$study <- factor(data$study, levels = rev(unique(data$study)))
  total <- tapply(data$count, data$study, sum)
  used <- tapply(data$count * (data$rule == "used"), data$study, sum)
  shares <- data.frame(
    study = names(total), count = as.vector(total), text = sprintf("%.1f %% used", 100 * used / total)
  )
  data$rule <- factor(data$rule, levels = rev(rules))
  ggplot2::ggplot(data, ggplot2::aes(x = .data$count, y = .data$study, fill = .data$rule)) +
    ggplot2::geom_col(width = 0.65) +
    ggplot2::geom_text(
      data = shares, ggplot2::aes(x = .data$count, y = .data$study, label = .data$text), inherit.aes = FALSE,
      hjust = -0.1, size = 3
    ) +
    ggplot2::scale_x_continuous(labels = plain_numbers, limits = c(0, 1.3 * max(total)), expand = c(0, 0)) +
    ggplot2::scale_fill_manual(
      values = fills, breaks = rules, labels = gsub("_", " ", rules), name = NULL,
      guide = ggplot2::guide_legend(ncol = 2)
    ) +
    ggplot2::labs(x = "rows", y = NULL, title = "Rows") +
    theme_gwasmeta() +
    ggplot2::theme(legend.position = "top", legend.justification = "left", legend.key.size = grid::unit(0.8, "lines"))
}

draw_p_z <- function(data, notes) {
  if (nrow(data) == 0) {
    return(draw_reason("Reported p-values", "no study reports p-values"))
  }
  data$study <- factor(data$study, levels = notes$study)
  notes$study <- factor(notes$study, levels = notes$study)
  notes$text <- paste0("  ", gsub("\n", "\n  ", notes$text, fixed = TRUE))
  ggplot2::ggplot(data, ggplot2::aes(x = .data$x, y = .data$y, colour = .data$differs)) +
    ggplot2::geom_abline(slope = 1, intercept = 0, colour = colours$line, linewidth = 0.4) +
    ggplot2::geom_point(size = 1.2, shape = 16) +
    ggplot2::scale_colour_manual(values = c(`TRUE` = colours$orange, `FALSE` = colours$light), guide = "none") +
    ggplot2::geom_text(
      data = notes, ggplot2::aes(x = -Inf, y = Inf, label = .data$text), inherit.aes = FALSE, hjust = 0, vjust = 1.3,
      size = 3
    ) +
    ggplot2::facet_wrap(ggplot2::vars(.data$study), ncol = 4, scales = "free") +
    ggplot2::labs(
      title = "Reported p-values and those of effect / standard error",
      x = expression(-log[10] ~ p ~ "of effect / standard error"), y = expression(reported ~ -log[10] ~ p)
    ) +
    theme_gwasmeta()
}
