# What all pictures look like: the colours of gwasmeta's Python pictures, after Okabe & Ito (2008).
colours <- list(
  dark = "#1F4E79", light = "#7FA9CF", orange = "#D55E00", green = "#009E73", ink = "#222222", line = "#6E6E6E",
  faint = "#D9D9D9", grey = "#8C8C8C", band = "#DCE3EA",
  curves = c(
    "#1F4E79", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C", "#0072B2", "#882255", "#999933",
    "#8B5A2B", "#222222"
  ),
  rules = c("#D55E00", "#E69F00", "#CC79A7", "#009E73", "#56B4E9", "#4B4B9B")
)
minus_log_10_p <- expression(-log[10] ~ p)

theme_gwasmeta <- function() {
  ink <- ggplot2::element_text(colour = colours$ink)
  ggplot2::theme_classic(base_size = 12) + ggplot2::theme(
    plot.title = ggplot2::element_text(face = "bold", size = 14, colour = colours$ink),
    axis.text = ink, axis.title = ink, text = ink,
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

# Numbers of an axis: no more digits than needed, a true minus, commas between thousands.
plain_numbers <- function(at) {
  shown <- format(at, trim = TRUE, drop0trailing = TRUE, big.mark = ",", scientific = FALSE)
  ifelse(is.na(at), NA, sub("-", "\u2212", shown))
}
