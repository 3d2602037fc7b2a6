#' The command lines of GWAMA, METAL and MTAG
#'
#' They run unchanged, with the same options and scripts, the same output files, and the same numbers to the printed
#' digits. Where an original has a fault, the right number is given and a line says so.
#'
#' @param command What stands behind the program's name in the shell, as one text or as a vector of words. In one text,
#'   words with blanks are put in quotes.
#' @param script Path of a METAL script, or of several to be carried out in order.
#' @param quiet `TRUE` to print nothing.
#' @return The lines that the program prints, invisibly.
#' @examples
#' \dontrun{
#' gwama("-i gwama.in -qt -gc -o height")
#' metal("script.txt")
#' mtag_cli("--sumstats height.txt,bmi.txt --ld_ref_panel eur_w_ld_chr/ --out both")
#' }
#' @export
gwama <- function(command, quiet = FALSE) {
  invisible(call_core("gwama", words = as_words(command), say = say_line(quiet)))
}

#' @rdname gwama
#' @export
metal <- function(script, quiet = FALSE) {
  invisible(call_core("metal", scripts = as_sequence(path.expand(script)), say = say_line(quiet)))
}

#' @rdname gwama
#' @export
mtag_cli <- function(command, quiet = FALSE) {
  invisible(call_core("mtag_cli", words = as_words(command), say = say_line(quiet)))
}

# A backslash is no escape: it is part of Windows' paths.
as_words <- function(command) {
  if (!is.character(command)) stop_gwasmeta("a command is text, not of class ", class(command)[1])
  if (length(command) == 1) command <- scan(text = command, what = "", quote = "\"'", quiet = TRUE)
  as_sequence(path.expand(command))
}

say_line <- function(quiet) {
  if (!quiet) {
    function(text) cat(text, "\n", sep = "")
  }
}
