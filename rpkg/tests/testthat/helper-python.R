# The environment of the installation must not reach the tests: they choose their Python by themselves.
skip_without_python <- function() {
  if (gwasmeta_available()) {
    return(invisible())
  }
  if (Sys.getenv("GWASMETA_REQUIRE_R") == "1") stop("the Python side of gwasmeta is needed, and is not there")
  skip("the Python side of gwasmeta is not there")
}

# The folder with what the original programs computed.
shared_folder <- function(...) {
  skip_without_python()
  root <- Sys.getenv("GWASMETA_SHARED")
  if (nzchar(root)) {
    return(file.path(root, ...))
  }
  if (Sys.getenv("GWASMETA_REQUIRE_ALL") == "1") stop("GWASMETA_SHARED must name the folder `shared`")
  skip("needs the folder `shared`: GWASMETA_SHARED names it")
}

# What a line of Python gives, without our bridge: numbers as the text of their bits.
in_python <- function(...) {
  skip_without_python()
  code <- c(
    "import math, numpy as np, pandas as pd, gwasmeta, warnings",
    "def _texts(column):",
    "    whole = [None if pd.isna(value) else value for value in column.astype(object).tolist()]",
    "    words = [float(value).hex() if isinstance(value, (int, float)) else value for value in whole]",
    "    return ['<missing>' if word is None else str(word) for word in words] + ['<end>']",
    "def _frame(value):",
    "    value = value if isinstance(value, pd.DataFrame) else pd.DataFrame(value)",
    "    return {str(name): _texts(value[name]) for name in value.columns}",
    ...,
    "_answer = _frame(value)"
  )
  reticulate::py_run_string(paste(code, collapse = "\n"), convert = TRUE)$`_answer`
}

# Every column of a data frame is what Python has, to the last bit.
expect_same <- function(frame, python) {
  expect_identical(names(frame), names(python))
  for (name in names(python)) {
    texts <- head(python[[name]], -1)
    texts[texts == "<missing>"] <- NA
    expected <- if (is.character(frame[[name]])) texts else as.numeric(texts)
    observed <- if (is.character(frame[[name]])) frame[[name]] else as.numeric(frame[[name]])
    expect_identical(observed, expected, label = name)
  }
}

# The example's studies, as Python code: a literal list of paths.
python_paths <- function(paths) {
  named <- paste0("'", names(paths), "': r'", paths, "'")
  paste0("{", paste(named, collapse = ", "), "}")
}

# The interpreter that runs in this session.
gwasmeta_python <- function() {
  call_core("installation")$executable
}
