beta <- rbind(rs1 = c(a = 0.12, b = 0.05, c = 0.20), rs2 = c(0.01, NA, 0.03), rs3 = c(NA, NA, 2))
error <- rbind(rs1 = c(a = 0.04, b = 0.03, c = 0.08), rs2 = c(0.02, NA, 0.02), rs3 = c(NA, NA, 1))
in_python_of <- function(call, ...) {
  in_python(
    "nan = math.nan",
    "beta = [[.12, .05, .20], [.01, nan, .03], [nan, nan, 2]]",
    "error = [[.04, .03, .08], [.02, nan, .02], [nan, nan, 1]]",
    paste0("value = vars(", call, ")"),
    ...
  )
}

test_that("statistics on matrices are Python's to the last bit", {
  expect_same(fixed_effects(beta, error), in_python_of("gwasmeta.fixed_effects(beta, error)"))
  expect_same(heterogeneity(beta, error), in_python_of("gwasmeta.heterogeneity(beta, error)"))
  for (estimator in c("DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB")) {
    expect_same(
      random_effects(beta, error, estimator, hartung_knapp = TRUE),
      in_python_of(paste0("gwasmeta.random_effects(beta, error, '", estimator, "', True)"))
    )
  }
  without <- leave_one_out(beta, error)
  for (field in names(without)) {
    python <- in_python_of(
      "gwasmeta.leave_one_out(beta, error)", paste0("value = {'value': value['", field, "'].ravel()}")
    )
    texts <- head(python$value, -1)
    texts[texts == "<missing>"] <- NA
    expect_identical(as.vector(t(without[[field]])), as.numeric(texts), label = field)
  }
})

test_that("they agree with metafor", {
  # metafor 3.8-1: rma(c(.12, .05, .20), sei = c(.04, .03, .08), method = "EE")
  combined <- fixed_effects(c(0.12, 0.05, 0.20), c(0.04, 0.03, 0.08))
  expect_equal(combined$beta, 0.0855045871559633, tolerance = 1e-12)
  expect_equal(combined$standard_error, 0.0229878308453076, tolerance = 1e-12)
})

test_that("names stay with the variants and the studies", {
  expect_identical(row.names(fixed_effects(beta, error)), c("rs1", "rs2", "rs3"))
  expect_identical(dimnames(leave_one_out(beta, error)$beta), list(c("rs1", "rs2", "rs3"), c("a", "b", "c")))
  expect_identical(fixed_effects(as.data.frame(beta), as.data.frame(error)), fixed_effects(beta, error))
})

test_that("no variant, and one, are possible", {
  expect_identical(nrow(fixed_effects(beta[0, ], error[0, ])), 0L)
  expect_identical(fixed_effects(beta["rs1", ], error["rs1", ])$beta, fixed_effects(beta, error)$beta[1])
})

test_that("genomic control is Python's inflation factor, applied where it is above 1", {
  z <- c(-1.9, 0.3, NA, 1.2, -0.8, 2.4)
  controlled <- genomic_control(z, standard_error = rep(0.1, 6))
  python <- in_python(
    "z = [-1.9, .3, math.nan, 1.2, -.8, 2.4]", "value = {'lambda': [gwasmeta.inflation_factor(z)]}"
  )
  expect_identical(controlled$inflation_factor, as.numeric(python$lambda[1]))
  expect_gt(controlled$inflation_factor, 1)
  expect_equal(controlled$z, z / sqrt(controlled$inflation_factor), tolerance = 1e-15)
  expect_equal(controlled$standard_error, rep(0.1, 6) * sqrt(controlled$inflation_factor), tolerance = 1e-15)
  small <- genomic_control(z / 10)
  expect_lt(small$inflation_factor, 1)
  expect_identical(small$z, z / 10)
  expect_error(genomic_control(z, 1), "6 z statistics, but 1 standard errors", class = "gwasmeta_error")
})

test_that("what is impossible is refused where it is", {
  expect_error(fixed_effects(1, -1), "standard_error[0, 0] is -1.0", fixed = TRUE, class = "gwasmeta_error")
  expect_error(fixed_effects(c(1, 2), 1), class = "gwasmeta_error")
  expect_error(random_effects(1, 1, "XX"), class = "gwasmeta_error")
})
