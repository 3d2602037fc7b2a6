library(testthat)
library(gwasmeta)

test_check("gwasmeta")
