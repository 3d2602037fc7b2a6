"""Studies kept in Parquet, read and checked once: what makes the second analysis cheap."""
