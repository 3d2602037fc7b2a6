"""The statistical core: arrays in, arrays out; knows no file, no data frame and no column name."""
