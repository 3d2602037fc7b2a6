# Values to and from Python as lists, character vectors and raw vectors; see plain_values.py, which says why.

to_plain <- function(x) {
  if (is.null(x)) {
    return(NULL)
  }
  if (inherits(x, "gwasmeta_handle")) {
    return(list(kind = "object", object = x$object))
  }
  if (is.data.frame(x)) {
    return(frame_to_plain(x))
  }
  if (is.matrix(x)) {
    return(matrix_to_plain(x))
  }
  if (is.list(x)) {
    return(list(kind = "list", names = names_to_plain(x), values = unname(lapply(x, to_plain))))
  }
  scalar <- length(x) == 1 && is.null(names(x)) && is.null(attr(x, "sequence"))
  list(kind = "vector", column = column_to_plain(x, "value"), names = names_to_plain(x), scalar = scalar)
}

# A vector that is a sequence in Python even if it has one element.
as_sequence <- function(x) {
  if (is.null(x)) {
    return(NULL)
  }
  structure(x, sequence = TRUE)
}

# Whole numbers that Python needs as such: R's 5 is a double.
as_count <- function(x, name) {
  if (!is_whole(x)) stop_gwasmeta(name, " must be a whole number, not ", deparse(x, nlines = 1L))
  as.integer(x)
}

# The same where the number may have decimals: a whole one is written as one in the record of the run.
as_whole <- function(x) {
  if (is_whole(x)) as.integer(x) else x
}

is_whole <- function(x) {
  is.numeric(x) && length(x) == 1 && x %in% round(x) && is.finite(x) && abs(x) <= .Machine$integer.max
}

names_to_plain <- function(x) {
  if (!is.null(names(x))) as.list(enc2utf8(names(x)))
}

frame_to_plain <- function(frame) {
  twice <- names(frame)[duplicated(names(frame))]
  if (length(twice) > 0) stop_gwasmeta("the data frame has two columns named ", twice[1], ": give one another name")
  columns <- lapply(seq_along(frame), function(place) column_to_plain(frame[[place]], names(frame)[place]))
  list(kind = "frame", n = nrow(frame), names = as.list(enc2utf8(names(frame))), columns = columns)
}

matrix_to_plain <- function(matrix) {
  if (!is.numeric(matrix) && !is.logical(matrix)) {
    stop_gwasmeta("a matrix of numbers is needed, not of ", typeof(matrix))
  }
  list(kind = "matrix", shape = as.list(dim(matrix)), data = little_endian(as.double(matrix)))
}

little_endian <- function(numbers) {
  writeBin(numbers, raw(), endian = "little")
}

column_to_plain <- function(x, name) {
  if (is.factor(x) || inherits(x, c("Date", "POSIXt"))) x <- as.character(x)
  if (inherits(x, "integer64")) {
    return(list(type = "integer64", data = little_endian(as.vector(unclass(x)))))
  }
  if (is.character(x)) {
    return(text_to_plain(enc2utf8(as.vector(x))))
  }
  if (is.logical(x)) {
    return(list(type = "logical", data = little_endian(as.integer(x))))
  }
  if (is.integer(x)) {
    return(list(type = "integer", data = little_endian(as.vector(x))))
  }
  if (is.double(x)) {
    return(list(type = "double", data = little_endian(as.vector(x))))
  }
  stop_gwasmeta("column ", name, " is of class ", class(x)[1], ", which gwasmeta cannot read: make it numbers or text")
}

text_to_plain <- function(words) {
  gone <- which(is.na(words))
  words[gone] <- ""
  # reticulate takes a vector of one word for the word itself
  data <- if (length(words) == 1) as.list(words) else words
  list(type = "character", data = data, missing = if (length(gone) > 0) little_endian(gone - 1L))
}

from_plain <- function(plain) {
  if (is.null(plain)) {
    return(NULL)
  }
  switch(plain$kind,
    scalar = if (is.double(plain$value) && is.nan(plain$value)) NA_real_ else plain$value,
    vector = column_from_plain(plain$column),
    frame = frame_from_plain(plain),
    matrix = matrix_from_plain(plain),
    list = setNames(lapply(plain$values, from_plain), texts(plain$names)),
    object = structure(list(object = plain$object), class = "gwasmeta_handle")
  )
}

# Python's empty list arrives as an empty list, others of text as character vectors.
texts <- function(x) {
  if (is.null(x)) NULL else as.character(x)
}

frame_from_plain <- function(plain) {
  columns <- setNames(lapply(plain$columns, column_from_plain), texts(plain$names))
  structure(columns, class = "data.frame", row.names = .set_row_names(plain$n))
}

matrix_from_plain <- function(plain) {
  shape <- as.integer(plain$shape)
  numbers <- doubles_from_bytes(plain$data, prod(shape))
  names <- if (!is.null(plain$rows) || !is.null(plain$columns)) list(texts(plain$rows), texts(plain$columns))
  matrix(numbers, shape[1], shape[2], dimnames = names)
}

column_from_plain <- function(column) {
  n <- column$n
  if (n == 0) {
    return(vector(column$type, 0L))
  }
  switch(column$type,
    double = doubles_from_bytes(column$data, n),
    integer = readBin(column$data, "integer", n, endian = "little"),
    logical = as.logical(readBin(column$data, "integer", n, endian = "little")),
    character = text_from_plain(column)
  )
}

doubles_from_bytes <- function(bytes, n) {
  if (n == 0) {
    return(numeric())
  }
  numbers <- readBin(bytes, "double", n, endian = "little")
  numbers[is.nan(numbers)] <- NA_real_
  numbers
}

text_from_plain <- function(column) {
  words <- as.character(column$data)
  if (!is.null(column$missing)) {
    words[readBin(column$missing, "integer", column$n, endian = "little") + 1L] <- NA_character_
  }
  words
}
