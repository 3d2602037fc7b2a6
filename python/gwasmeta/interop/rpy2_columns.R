# What rpy2_values.py needs of R: columns in the form of plain_values.py and back, numbers as they lie in memory and texts
# each ended by a zero byte; and a call whose errors and warnings come back as values.
list(
  to_plain = function(column) {
    if (is.factor(column) || inherits(column, c("Date", "POSIXt"))) column <- as.character(column)
    if (inherits(column, "integer64")) {
      return(list("integer64", as.vector(unclass(column)), NULL))
    }
    if (!typeof(column) %in% c("character", "logical", "integer", "double")) {
      return(list("", NULL, NULL))
    }
    column <- as.vector(column)
    if (!is.character(column)) {
      return(list(typeof(column), column, NULL))
    }
    gone <- which(is.na(column))
    column[gone] <- ""
    list("character", writeBin(enc2utf8(column), raw(), useBytes = TRUE), if (length(gone) > 0) gone - 1L)
  },
  from_plain = function(type, n, data, missing, is_ascii) {
    if (n == 0) {
      return(vector(type, 0L))
    }
    if (type == "character") {
      words <- readBin(data, "character", n)
      if (!is_ascii) Encoding(words) <- "UTF-8"
      words[readBin(missing, "integer", length(missing) / 4) + 1L] <- NA_character_
      return(words)
    }
    if (type == "double") {
      numbers <- readBin(data, "double", n)
      numbers[is.nan(numbers)] <- NA_real_
      return(numbers)
    }
    as.vector(readBin(data, "integer", n), mode = type)
  },
  frame = function(columns, names, n) {
    structure(columns, names = names, class = "data.frame", row.names = .set_row_names(n))
  },
  matrix = function(numbers, n_rows, rows, columns) {
    matrix(numbers, n_rows, dimnames = if (!is.null(rows) || !is.null(columns)) list(rows, columns))
  },
  call = function(name, arguments) {
    parts <- strsplit(name, "::", fixed = TRUE)[[1]]
    warnings <- character()
    note <- function(warning) {
      warnings <<- c(warnings, conditionMessage(warning))
      invokeRestart("muffleWarning")
    }
    tryCatch(
      {
        # Loaded first, so that what a package says while it starts is not taken for a warning of the function.
        known <- if (length(parts) == 2) getExportedValue(parts[1], parts[2]) else match.fun(name)
        list(value = withCallingHandlers(do.call(known, arguments, quote = TRUE), warning = note), warnings = warnings)
      },
      error = function(error) list(error = conditionMessage(error), warnings = warnings)
    )
  }
)
