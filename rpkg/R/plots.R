# What all pictures look like: the colours of gwasmeta's Python pictures, after Okabe & Ito (2008).
colours <- list(
  dark = "#1F4E79", light = "#7FA9CF", orange = "#D55E00", green = "#009E73", ink = "#222222", line = "#6E6E6E",
  faint = "#D9D9D9", grey = "#8C8C8C", band = "#DCE3EA",
  series = c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),
  rules = c("#D55E00", "#E69F00", "#CC79A7", "#009E73", "#56B4E9", "#4B4B9B")
)
minus_log_10_p <- expression(-log[10] ~ p)

theme_gwasmeta <- function() {
  ink <- ggplot2::element_text(colour = colours$ink)
  ggplot2::theme_classic(base_size = 12) + ggplot2::theme(
    plot.title = ggplot2::element_text(face = "bold", size = 14, colour = colours$ink),
    plot.title.position = "plot", axis.text = ink, axis.title = ink, text = ink,
    axis.line = ggplot2::element_line(colour = colours$ink, linewidth = 0.4),
    strip.background = ggplot2::element_blank(), strip.text = ggplot2::element_text(face = "bold", hjust = 0)
  )
}

# What a picture is of: a result that Python holds, or a study.
plot_source <- function(x, trait = NULL) {
  if (inherits(x, "gwas_mtag")) {
    chosen <- if (is.null(trait)) unclass(x)$trait_names[1] else trait
    return(call_core("trait_of", result = handle_of(x), trait = chosen))
  }
  if (inherits(x, "gwas_meta")) handle_of(x) else as_study(x, "")
}

scale_heights <- function(axis) {
  ggplot2::scale_y_continuous(
    breaks = axis$ticks$drawn, labels = format(axis$ticks$value, trim = TRUE, drop0trailing = TRUE),
    limits = c(0, axis$limit), expand = c(0, 0)
  )
}

# A dotted line where the axis is broken to make room for extreme peaks.
axis_break <- function(axis) {
  if (!is.null(axis$break_at)) {
    ggplot2::geom_hline(yintercept = axis$break_at, colour = colours$faint, linetype = "dotted")
  }
}

#' Pictures of results
#'
#' ggplot objects, drawn from the points that gwasmeta's own pictures are drawn from: one a pixel, so that millions of
#' variants take seconds. `plot()` draws the same for users of base R, `autoplot()` for those of ggplot2.
#'
#' @param x,upper,lower A result of [meta_analyze()] or [mtag()], a [study()], a path, or a data frame. For `plot_qq()`
#'   also a named list or vector of several, one curve each.
#' @param method,methods Which method's p-values, where there are several, such as `"random"`; of both halves.
#' @param trait Of a result of [mtag()]: which trait; the first if not given.
#' @param names What the halves are called.
#' @param significance,suggestive p-values of the lines; `NULL` for none.
#' @param labels `FALSE` not to name the lead variants.
#' @param window Base pairs from a lead variant to those of other loci.
#' @param break_axis Whether the axis may be broken to make room for extreme peaks.
#' @param title A heading.
#' @return A ggplot object.
#' @examples
#' if (gwasmeta_available()) {
#'   result <- meta_analyze(example_studies(), methods = c("fixed", "random"))
#'   plot_manhattan(result)
#'   plot_miami(result, result, methods = c("fixed", "random"))
#'   plot_qq(result)
#'   plot_forest(result, "rs1895769")
#' }
#' @export
plot_manhattan <- function(x, method = NULL, trait = NULL, significance = 5e-8, suggestive = 1e-5, labels = TRUE,
                           window = 500000, break_axis = TRUE, title = NULL) {
  data <- call_core("manhattan",
    source = plot_source(x, trait), method = method, significance = significance, suggestive = suggestive,
    window = window, break_axis = break_axis
  )
  picture <- ggplot2::ggplot(data$points, ggplot2::aes(x = .data$x, y = .data$y_drawn)) +
    axis_break(data$y_axis) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$chromosome %% 2 == 0), size = 0.9, shape = 16) +
    ggplot2::scale_colour_manual(values = c(`TRUE` = colours$dark, `FALSE` = colours$light), guide = "none") +
    significance_lines(data$lines) +
    scale_heights(data$y_axis) +
    scale_chromosomes(data) +
    line_texts(data$lines, data$end) +
    ggplot2::coord_cartesian(clip = "off") +
    ggplot2::labs(x = "chromosome", y = minus_log_10_p, title = title) +
    theme_gwasmeta() +
    ggplot2::theme(axis.ticks.x = ggplot2::element_blank(), plot.margin = room_for_texts())
  if (labels) picture + lead_names(data$leads) else picture
}

scale_chromosomes <- function(data) {
  ggplot2::scale_x_continuous(
    breaks = data$chromosomes$tick, labels = data$chromosomes$name, limits = c(data$begin, data$end),
    expand = c(0.005, 0), guide = ggplot2::guide_axis(check.overlap = TRUE)
  )
}

significance_lines <- function(lines) {
  looks <- list(significance = list(colours$orange, "solid"), suggestive = list(colours$line, "dashed"))
  lapply(seq_len(nrow(lines)), function(row) {
    look <- looks[[lines$line[row]]]
    ggplot2::geom_hline(yintercept = lines$y_drawn[row], colour = look[[1]], linetype = look[[2]], linewidth = 0.4)
  })
}

# What the lines are, to the right of them.
line_texts <- function(lines, x) {
  ggplot2::geom_text(
    data = transform(lines, x = rep(x, nrow(lines))), ggplot2::aes(label = .data$text), hjust = -0.25, size = 3,
    colour = ifelse(lines$line == "significance", colours$orange, colours$line)
  )
}

room_for_texts <- function() ggplot2::margin(6, 60, 6, 6)

lead_names <- function(leads, vjust = -0.7) {
  ggplot2::geom_text(
    data = leads, mapping = ggplot2::aes(label = .data$name), size = 3, vjust = vjust, check_overlap = TRUE,
    colour = colours$ink
  )
}

#' @rdname plot_manhattan
#' @export
plot_miami <- function(upper, lower, methods = NULL, names = NULL, significance = 5e-8, suggestive = 1e-5,
                       labels = TRUE, window = 500000, break_axis = TRUE, title = NULL) {
  data <- call_core("miami",
    upper = plot_source(upper), lower = plot_source(lower), methods = as_sequence(methods),
    names = as_sequence(names), significance = significance, suggestive = suggestive, window = window,
    break_axis = break_axis
  )$halves
  # Each half has an axis of its own; both are drawn from the gap in the middle, which has the chromosomes' names.
  gap <- 0.045
  placed <- function(half, side) function(heights) side * (gap + heights / half$y_axis$limit)
  place <- list(placed(data[[1]], 1), placed(data[[2]], -1))
  halves <- function(field) {
    do.call(rbind, lapply(1:2, function(side) {
      transform(data[[side]][[field]], y_drawn = place[[side]](data[[side]][[field]]$y_drawn))
    }))
  }
  ticks <- lapply(1:2, function(side) {
    tick <- data[[side]]$y_axis$ticks
    data.frame(at = place[[side]](tick$drawn), label = format(tick$value, trim = TRUE, drop0trailing = TRUE))
  })
  ticks <- do.call(rbind, ticks)
  called <- data.frame(
    x = data[[1]]$begin, y_drawn = c(1 + gap, -1 - gap), name = vapply(data, function(half) half$name, ""),
    vjust = c(1, 0)
  )
  chromosomes <- data.frame(x = data[[1]]$chromosomes$tick, y_drawn = 0, name = data[[1]]$chromosomes$name)
  picture <- ggplot2::ggplot(halves("points"), ggplot2::aes(x = .data$x, y = .data$y_drawn)) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$chromosome %% 2 == 0), size = 0.9, shape = 16) +
    ggplot2::scale_colour_manual(values = c(`TRUE` = colours$dark, `FALSE` = colours$light), guide = "none") +
    significance_lines(halves("lines")) +
    line_texts(halves("lines"), data[[1]]$end) +
    ggplot2::coord_cartesian(clip = "off") +
    ggplot2::geom_text(data = chromosomes, ggplot2::aes(label = .data$name), size = 3.2, check_overlap = TRUE) +
    ggplot2::geom_text(
      data = called, ggplot2::aes(label = .data$name, vjust = .data$vjust), hjust = 0, fontface = "bold"
    ) +
    ggplot2::scale_y_continuous(
      breaks = ticks$at, labels = ticks$label, limits = c(-1 - gap, 1 + gap), expand = c(0, 0)
    ) +
    ggplot2::scale_x_continuous(breaks = NULL, limits = c(data[[1]]$begin, data[[1]]$end), expand = c(0.005, 0)) +
    ggplot2::labs(x = NULL, y = minus_log_10_p, title = title) +
    theme_gwasmeta() +
    ggplot2::theme(axis.line.x = ggplot2::element_blank(), plot.margin = room_for_texts())
  if (!labels) {
    return(picture)
  }
  leads <- halves("leads")
  above <- leads$y_drawn > 0
  picture + lead_names(leads[above, ]) + lead_names(leads[!above, ], vjust = 1.7)
}

#' @rdname plot_manhattan
#' @param by_frequency Draw classes of minor allele frequency beside all variants.
#' @export
plot_qq <- function(x, method = NULL, trait = NULL, by_frequency = FALSE, break_axis = TRUE, title = NULL) {
  several <- (is.list(x) && !is.object(x)) || (is.character(x) && length(x) > 1)
  source <- if (several) as_studies(x) else plot_source(x, trait)
  data <- call_core("qq", source = source, method = method, by_frequency = by_frequency, break_axis = break_axis)
  series <- data$series
  factors <- sprintf("\u03bb = %.3f  (%s)", series$inflation_factor, format(series$n, big.mark = ",", trim = TRUE))
  names <- if (nrow(series) == 1) factors else paste0(series$name, "  ", factors)
  data$points$series <- factor(names[data$points$stratum + 1], levels = names)
  shown <- c(colours$dark, rep_len(colours$series[-1], max(0, nrow(series) - 1)))
  ggplot2::ggplot(data$points, ggplot2::aes(x = .data$x, y = .data$y_drawn)) +
    ggplot2::geom_ribbon(
      data = data$band, ggplot2::aes(x = .data$x, ymin = .data$lower, ymax = .data$upper), inherit.aes = FALSE,
      fill = colours$band
    ) +
    ggplot2::geom_line(data = data$diagonal, ggplot2::aes(y = .data$y), colour = "#7A7A7A", linewidth = 0.4) +
    axis_break(data$y_axis) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$series), size = 1.4, shape = 16) +
    ggplot2::scale_colour_manual(values = setNames(shown, names), drop = FALSE, name = NULL) +
    scale_heights(data$y_axis) +
    ggplot2::scale_x_continuous(limits = c(0, data$x_limit), expand = c(0, 0)) +
    ggplot2::coord_cartesian(clip = "off") +
    ggplot2::labs(x = expression(expected ~ -log[10] ~ p), y = expression(observed ~ -log[10] ~ p), title = title) +
    theme_gwasmeta() +
    ggplot2::theme(
      legend.position = c(0.02, 0.98), legend.justification = c(0, 1),
      legend.background = ggplot2::element_blank()
    )
}

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
  # Areas by sample size, or by the weight in the fixed-effects mean where a sample size is not known.
  studies$area <- if (anyNA(studies$n)) studies$weight else studies$n
  shown <- function(rows) {
    value <- if (odds_ratio) exp(rows[c("beta", "lower", "upper")]) else rows[c("beta", "lower", "upper")]
    sprintf("%.3f  [%.3f, %.3f]", value$beta, value$lower, value$upper)
  }
  rows <- rbind(
    data.frame(at = studies$at, name = studies$study, text = shown(studies)),
    data.frame(at = summaries$at, name = summaries$name, text = shown(summaries))
  )
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
      breaks = rows$at, labels = rows$name, limits = c(-0.4, n_studies + 2.7), expand = c(0, 0),
      sec.axis = ggplot2::dup_axis(labels = rows$text, name = NULL)
    ) +
    scale_effects(odds_ratio) +
    ggplot2::labs(y = NULL, title = title, caption = forest_statistics(data)) +
    theme_gwasmeta() +
    ggplot2::theme(
      axis.line.y = ggplot2::element_blank(), axis.ticks.y = ggplot2::element_blank(),
      plot.caption = ggplot2::element_text(hjust = 0, size = 10)
    )
}

scale_effects <- function(odds_ratio) {
  if (!odds_ratio) {
    return(ggplot2::scale_x_continuous(name = "effect"))
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

forest_statistics <- function(data) {
  p <- function(neg_log_10) paste("p =", format(10^-neg_log_10, digits = 2))
  tests <- data$summaries$neg_log_10_p_value
  first <- paste0("fixed effects ", p(tests[1]))
  if (data$degrees_of_freedom == 0) {
    return(paste0(first, "\none study: no heterogeneity to test"))
  }
  sprintf(
    "%s      random effects %s\nQ = %.2f, df = %d, %s      I\u00b2 = %.1f %%      \u03c4\u00b2 = %.3g",
    first, p(tests[2]), data$q, data$degrees_of_freedom, p(data$q_neg_log_10_p_value), data$i_squared,
    data$tau_squared
  )
}

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
