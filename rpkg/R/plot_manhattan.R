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
    ggplot2::geom_point(ggplot2::aes(colour = .data$chromosome %% 2 == 0), size = 1.1, shape = 16) +
    ggplot2::scale_colour_manual(values = c(`TRUE` = colours$dark, `FALSE` = colours$light), guide = "none") +
    significance_lines(data$lines) +
    scale_heights(data$y_axis) +
    scale_chromosomes(data) +
    line_texts(data$lines, data$end) +
    ggplot2::coord_cartesian(clip = "off") +
    ggplot2::labs(x = "chromosome", y = minus_log_10_p, title = title) +
    theme_gwasmeta() +
    ggplot2::theme(axis.ticks.x = ggplot2::element_blank(), plot.margin = room_for_texts())
  if (labels) picture + lead_names(data$leads, c(0, data$y_axis$limit)) else picture
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

# Names beside their points, away from each other; `up` is 1 where names belong above the points, -1 below.
lead_names <- function(leads, limits, up = 1) {
  ggrepel::geom_text_repel(
    data = leads, mapping = ggplot2::aes(label = .data$name), size = 3, colour = colours$ink, ylim = limits,
    nudge_y = 0.03 * up * diff(limits), segment.size = 0.3, segment.colour = colours$line, min.segment.length = 0.6,
    box.padding = 0.12, max.overlaps = Inf, seed = 1
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
  begin <- data[[1]]$begin
  called <- data.frame(
    x = begin + 0.005 * (data[[1]]$end - begin), y_drawn = c(1 + gap, -1 - gap),
    name = vapply(data, function(half) half$name, ""), vjust = c(1, 0)
  )
  chromosomes <- data.frame(x = data[[1]]$chromosomes$tick, y_drawn = 0, name = data[[1]]$chromosomes$name)
  picture <- ggplot2::ggplot(halves("points"), ggplot2::aes(x = .data$x, y = .data$y_drawn)) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$chromosome %% 2 == 0), size = 1.1, shape = 16) +
    ggplot2::scale_colour_manual(values = c(`TRUE` = colours$dark, `FALSE` = colours$light), guide = "none") +
    significance_lines(halves("lines")) +
    line_texts(halves("lines"), data[[1]]$end) +
    ggplot2::coord_cartesian(clip = "off") +
    ggplot2::geom_text(data = chromosomes, ggplot2::aes(label = .data$name), size = 3.2, check_overlap = TRUE) +
    ggplot2::geom_text(
      data = called, ggplot2::aes(label = .data$name, vjust = .data$vjust), hjust = 0, fontface = "bold"
    ) +
    half_axes(gap) +
    ggplot2::scale_y_continuous(
      breaks = ticks$at, labels = ticks$label, limits = c(-1 - gap, 1 + gap), expand = c(0, 0)
    ) +
    ggplot2::scale_x_continuous(breaks = NULL, limits = c(begin, data[[1]]$end), expand = c(0.005, 0)) +
    ggplot2::labs(x = NULL, y = minus_log_10_p, title = title) +
    theme_gwasmeta() +
    ggplot2::theme(axis.line = ggplot2::element_blank(), plot.margin = room_for_texts())
  if (!labels) {
    return(picture)
  }
  leads <- halves("leads")
  above <- leads$y_drawn > 0
  picture + lead_names(leads[above, ], c(gap, 1)) + lead_names(leads[!above, ], c(-1, -gap), up = -1)
}

# The axes of both halves, which leave the gap between them open.
half_axes <- function(gap) {
  ends <- data.frame(from = c(gap, -gap), to = c(1 + gap, -1 - gap))
  list(
    ggplot2::geom_hline(yintercept = c(-gap, gap), colour = colours$ink, linewidth = 0.4),
    ggplot2::annotate("segment",
      x = -Inf, xend = -Inf, y = ends$from, yend = ends$to, colour = colours$ink, linewidth = 0.4
    )
  )
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
  many <- nrow(series) > length(colours$curves)
  shown <- if (many) rep(colours$dark, nrow(series)) else colours$curves[seq_len(nrow(series))]
  ggplot2::ggplot(data$points, ggplot2::aes(x = .data$x, y = .data$y_drawn)) +
    ggplot2::geom_ribbon(
      data = data$band, ggplot2::aes(x = .data$x, ymin = .data$lower, ymax = .data$upper), inherit.aes = FALSE,
      fill = colours$band
    ) +
    ggplot2::geom_line(data = data$diagonal, ggplot2::aes(y = .data$y), colour = "#7A7A7A", linewidth = 0.4) +
    axis_break(data$y_axis) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$series), size = 1.6, shape = 16) +
    ggplot2::scale_colour_manual(
      values = setNames(shown, names), drop = FALSE, name = NULL, guide = if (many) "none" else "legend"
    ) +
    range_of_many(many, series$inflation_factor) +
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

# Too many for colours and a legend: the range of lambda in its place.
range_of_many <- function(many, factors) {
  if (many) {
    spread <- stats::quantile(factors, c(0, 0.5, 1), na.rm = TRUE)
    of <- "  %d studies\n  \u03bb %.3f to %.3f, median %.3f"
    text <- sprintf(of, length(factors), spread[1], spread[3], spread[2])
    ggplot2::annotate("text", x = -Inf, y = Inf, label = text, hjust = 0, vjust = 1.2, colour = colours$ink)
  }
}
