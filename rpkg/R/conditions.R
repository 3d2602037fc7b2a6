# Errors of class gwasmeta_error: what is wrong, where, and what to do; without the way to it.
stop_gwasmeta <- function(..., fault = FALSE, traceback = NULL) {
  classes <- c(if (fault) "gwasmeta_fault", "gwasmeta_error", "error", "condition")
  stop(structure(list(message = paste0(...), call = NULL, traceback = traceback), class = classes))
}

# What takes the messages of a run: `progress` is what the user wants of them.
say_progress <- function(progress) {
  if (isTRUE(progress)) {
    function(text) message(text)
  }
}

# A number with commas, for what is printed.
thousands <- function(x) format(x, big.mark = ",", trim = TRUE)

# What R does at Ctrl-C.
interrupt <- function() {
  signalCondition(structure(list(message = "interrupted", call = NULL), class = c("interrupt", "condition")))
  invokeRestart("abort")
}
