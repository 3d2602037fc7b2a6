# Columns in the form of plain_values.py and back: numbers as they lie in memory, texts each ended by a zero byte.
list(
  to_plain = function(column) {
    if (is.factor(column) || inherits(column, c("Date", "POSIXt"))) column <- as.character(column)
    if (inherits(column, "integer64")) {
      return(list("integer64", as.vector(unclass(column)), NULL))
    }
    if (is.object(column) || !typeof(column) %in% c("character", "logical", "integer", "double")) {
      return(list("", NULL, NULL))
    }
    column <- as.vector(column)
    if (!is.character(column)) {
      return(list(typeof(column), column, NULL))
    }
    gone <- which(is.na(column))
    column[gone] <- ""
    list("character", writeBin(enc2utf8(column), raw()), if (length(gone) > 0) gone - 1L)
  },
  from_plain = function(type, n, data, missing) {
    if (n == 0) {
      return(vector(type, 0L))
    }
    if (type == "character") {
      words <- readBin(data, "character", n)
      Encoding(words) <- "UTF-8"
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
  }
)
