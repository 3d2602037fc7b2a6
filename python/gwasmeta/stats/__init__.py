"""The statistical core: pure functions, arrays in, arrays out; no files, no frames, no column names."""
