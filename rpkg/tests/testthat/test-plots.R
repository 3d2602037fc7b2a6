result <- function(...) meta_analyze(example_studies(), ..., progress = FALSE)

# Without a screen, and with all letters: pdf() has no Greek ones.
on_paper <- function(code) {
  grDevices::png(tempfile(fileext = ".png"), type = "cairo")
  on.exit(grDevices::dev.off())
  force(code)
}

layer_of <- function(picture, geom) {
  is_it <- vapply(picture$layers, function(layer) inherits(layer$geom, geom), logical(1))
  on_paper(ggplot2::layer_data(picture, which(is_it)[1]))
}

test_that("a Manhattan plot has the points, lines and names that Python computes", {
  skip_without_python()
  picture <- plot_manhattan(result(), title = "height")
  python <- in_python(
    paste0("result = gwasmeta.meta_analyze(", python_paths(example_studies()), ")"),
    "from gwasmeta.plots import associations, data",
    "table = associations(result)",
    "points = data.manhattan_data(table.chromosomes, table.position, table.neg_log_10_p_value,",
    "    canvas=data.Canvas(1695, 570, marker=6.7))",
    "value = pd.DataFrame({'x': points.x, 'y': points.y_drawn})"
  )
  points <- layer_of(picture, "GeomPoint")
  expect_identical(points$x, as.numeric(head(python$x, -1)))
  expect_identical(points$y, as.numeric(head(python$y, -1)))
  expect_setequal(unique(points$colour), c("#1F4E79", "#7FA9CF"))
  expect_equal(layer_of(picture, "GeomHline")$yintercept, -log10(5e-8))
  expect_true("rs5121197" %in% on_paper(ggplot2::layer_data(picture, length(picture$layers)))$label)
  expect_identical(picture$labels$title, "height")
  bare <- plot_manhattan(result(), labels = FALSE, significance = NULL, suggestive = NULL, break_axis = FALSE)
  expect_false(any(vapply(bare$layers, function(layer) inherits(layer$geom, "GeomHline"), logical(1))))
})

test_that("results, files and data frames draw alike", {
  skip_without_python()
  from_result <- layer_of(plot_manhattan(result()), "GeomPoint")
  from_frame <- layer_of(plot_manhattan(result()$table), "GeomPoint")
  file <- write_results(result(), tempfile())[1]
  from_file <- layer_of(plot_manhattan(file), "GeomPoint")
  expect_identical(from_frame, from_result)
  expect_equal(from_file, from_result, tolerance = 1e-4)
})

test_that("a Miami plot turns its lower half around", {
  skip_without_python()
  both <- result(methods = c("fixed", "random"))
  picture <- plot_miami(both, both, methods = c("fixed", "random"), names = c("one", "other"))
  points <- layer_of(picture, "GeomPoint")
  expect_true(any(points$y > 0) && any(points$y < 0))
  upper <- layer_of(plot_manhattan(both, method = "fixed"), "GeomPoint")
  lower <- layer_of(plot_manhattan(both, method = "random"), "GeomPoint")
  expect_equal(max(points$y) - 0.045, max(upper$y) / max(upper$y) * (max(points$y) - 0.045))
  expect_gt(max(upper$y), max(lower$y) - 1e-9)
  expect_error(plot_manhattan(both, method = "sample_size"), "this result has fixed, random", class = "gwasmeta_error")
})

test_that("a QQ plot shows lambda, of one or of many", {
  skip_without_python()
  one <- plot_qq(result())
  lambda <- result()$inflation_factors[["fixed"]]
  expect_match(levels(one$data$series), sprintf("\u03bb = %.3f  \\(6,465\\)", lambda))
  classes <- plot_qq(result(), by_frequency = TRUE)
  expect_gt(nlevels(classes$data$series), 1)
  many <- plot_qq(example_studies())
  expect_match(levels(many$data$series)[1], "^alder ")
  expect_identical(nlevels(many$data$series), 5L)
  colours_of <- function(picture) unique(layer_of(picture, "GeomPoint")$colour)
  copies <- function(n) setNames(rep(example_studies()[["alder"]], n), paste0("s", seq_len(n)))
  expect_length(colours_of(plot_qq(copies(12))), 12)
  crowd <- plot_qq(copies(13))
  expect_length(colours_of(crowd), 1)
  expect_match(layer_of(crowd, "GeomText")$label, "13 studies\n  \u03bb 1.241 to 1.241, median 1.241")
  expect_silent(on_paper(print(many)))
})

test_that("a forest plot has the combined effects of the table", {
  skip_without_python()
  found <- result(methods = c("fixed", "random"))
  picture <- plot_forest(found, "rs1895769")
  row <- found$table[found$table$variant_id == "rs1895769", ]
  diamonds <- layer_of(picture, "GeomPolygon")
  expect_equal(unique(diamonds$x[c(2, 6)]), c(row$beta, row$random_beta), tolerance = 1e-9)
  expect_identical(nrow(layer_of(picture, "GeomPoint")), 5L)
  expect_match(picture$labels$title, "rs1895769, allele T")
  expect_match(picture$labels$caption, sprintf("Q = %.2f, df = 4", row$cochran_q), fixed = TRUE)
  exponents <- strsplit("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "")[[1]]
  power <- paste(exponents[as.integer(strsplit(sub(".*e-", "", format(row$p_value)), "")[[1]]) + 1], collapse = "")
  expect_match(picture$labels$caption, paste0(" \u00d7 10\u207b", power), fixed = TRUE)
  frame <- data.frame(study = c("a", "b"), beta = c(0.1, 0.3), standard_error = c(0.1, 0.1))
  ratio <- plot_forest(frame, odds_ratio = TRUE, title = "two")
  expect_equal(layer_of(ratio, "GeomPolygon")$x[2], 0.2)
  expect_silent(on_paper(print(ratio)))
  expect_error(plot_forest(frame[1:2]), "needs the column standard_error", class = "gwasmeta_error")
  expect_error(plot_forest(found), "say which", class = "gwasmeta_error")
  expect_error(plot_forest(found, "rs0"), "rs0", class = "gwasmeta_error")
})

test_that("checks of studies are a list of pictures, printed as a page", {
  skip_without_python()
  checks <- plot_qc(example_studies(), progress = FALSE)
  expect_named(checks, c("standard_error_n", "inflation_n", "effect_sizes", "attrition", "p_z"))
  expect_identical(nrow(checks$inflation_n$data), 5L)
  key_of <- function(picture) picture$scales$get_scales("colour")$guide
  expect_true(any(checks$inflation_n$data$outlying))
  expect_identical(key_of(checks$inflation_n), "legend")
  expect_identical(key_of(draw_inflation(transform(checks$inflation_n$data, outlying = FALSE))), "none")
  expect_match(layer_of(checks$p_z, "GeomText")$label[1], "r = 1.0000\n  0 of 5,448 differ", fixed = TRUE)
  used <- subset(checks$attrition$data, rule == "used")
  rows <- vapply(example_studies(), function(file) nrow(read_sumstats(file)$table), 0L)
  expect_identical(setNames(used$count, used$study), rows)
  expect_equal(checks$inflation_n$data$y, result()$studies$inflation_factor, tolerance = 0.05)
  expect_silent(on_paper(print(checks)))
  expect_silent(on_paper(plot(checks)))
  without_n <- read_sumstats(example_studies()[["maple"]])$table
  reason <- plot_qc(list(a = without_n[setdiff(names(without_n), c("n", "effect_allele_frequency"))]), progress = FALSE)
  expect_silent(on_paper(print(reason)))
})

test_that("genetic correlations are a heat map", {
  skip_without_python()
  found <- ldsc_rg(example_traits(), ld_scores = example_ld_scores(), progress = FALSE)
  picture <- plot_genetic_correlation(found)
  shown <- with(picture$data, value[row == "height" & column == "waist"])
  expect_identical(shown, found$genetic_correlation["height", "waist"])
  expect_identical(plot_genetic_correlation(found$genetic_correlation)$data, picture$data)
  with_missing <- plot_genetic_correlation(matrix(c(1, NA, NA, 1), 2, dimnames = list(c("a", "b"), c("a", "b"))))
  expect_silent(on_paper(print(with_missing)))
  h2 <- ldsc_h2(example_traits(), ld_scores = example_ld_scores(), progress = FALSE)
  expect_error(plot_genetic_correlation(h2), "there are no genetic correlations", class = "gwasmeta_error")
})

test_that("plot() and autoplot() draw results", {
  skip_without_python()
  traits <- mtag(example_traits(), ld_scores = example_ld_scores(), progress = FALSE)
  expect_identical(layer_of(on_paper(plot(result())), "GeomPoint"), layer_of(plot_manhattan(result()), "GeomPoint"))
  expect_identical(on_paper(plot(result(), kind = "qq"))$data, plot_qq(result())$data)
  expect_identical(on_paper(plot(traits, trait = "weight"))$data, plot_manhattan(traits, trait = "weight")$data)
  expect_identical(ggplot2::autoplot(traits, kind = "genetic_correlation")$data$value[1], 1)
  weight <- layer_of(plot_manhattan(traits, trait = "weight"), "GeomPoint")
  expect_identical(weight, layer_of(plot_manhattan(traits$traits$weight), "GeomPoint"))
})
