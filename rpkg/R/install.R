#' Install the Python side of gwasmeta
#'
#' Makes an environment of its own for the Python package, or brings it up to date, installs the package there, and
#' runs a small analysis with it in a new R process. The first one compiles the inner loops, which takes half a minute.
#' Restart R afterwards if Python was running already.
#'
#' `MTAG_install()` is the same function under the name of one that many scripts call.
#'
#' @param source What to install: `"gwasmeta"` from the package index, the folder of a checkout, or a wheel. By default
#'   the environment variable `GWASMETA_SOURCE` if it is set, otherwise `"gwasmeta"`.
#' @param method `"virtualenv"` or `"conda"`.
#' @param envname Name, or path, of the environment.
#' @param python Path of the Python to make the virtual environment with; found on the search path if not given. It must
#'   be 3.11 or newer.
#' @param conda Path of conda; found by reticulate if not given.
#' @param refresh `TRUE` to make the environment anew, instead of updating the package in it.
#' @return Path of the Python interpreter, invisibly.
#' @examples
#' \dontrun{
#' install_gwasmeta()
#' install_gwasmeta("~/src/gwasmeta", python = "/usr/bin/python3.12")
#' install_gwasmeta(method = "conda")
#' }
#' @seealso [gwasmeta_sitrep()]
#' @export
install_gwasmeta <- function(source = NULL, method = c("virtualenv", "conda"), envname = "r-gwasmeta", python = NULL,
                             conda = "auto", refresh = FALSE) {
  method <- match.arg(method)
  what <- what_to_install(source)
  interpreter <- install_python_package(what, method, envname, python, conda, refresh)
  message("gwasmeta is installed in ", dirname(dirname(interpreter)), "; trying it")
  n_variants <- check_installation(interpreter)
  remember_python(interpreter)
  message(
    "gwasmeta works: the example's ", n_variants, " variants were combined.",
    if (python_runs()) " Restart R to use it."
  )
  invisible(interpreter)
}

#' @rdname install_gwasmeta
#' @param ... Passed on to `install_gwasmeta()`.
#' @export
MTAG_install <- function(...) {
  if (is.null(the$told_of_mtag_install)) {
    message("MTAG_install() is now install_gwasmeta(); mtag() and mtag_cli() do what MTAG does.")
    the$told_of_mtag_install <- TRUE
  }
  install_gwasmeta(...)
}

# What pip is given: the name of a package, or the whole path of a folder or a wheel.
what_to_install <- function(source, from_environment = Sys.getenv("GWASMETA_SOURCE")) {
  if (is.null(source)) source <- if (nzchar(from_environment)) from_environment else "gwasmeta"
  path <- path.expand(source)
  is_path <- grepl("[/\\\\]|[.]whl$", path) || dir.exists(path)
  if (!is_path) {
    return(source)
  }
  if (!file.exists(path)) stop_gwasmeta("there is no ", source, ": give the folder of a checkout, or a wheel")
  if (dir.exists(path) && !file.exists(file.path(path, "pyproject.toml"))) {
    stop_gwasmeta(source, " is no checkout of gwasmeta: there is no pyproject.toml in it")
  }
  normalizePath(path)
}

#' Is the Python side there, and what is installed?
#'
#' `gwasmeta_available()` tells whether analyses can run. `gwasmeta_sitrep()` prints what to paste into a report of a
#' fault. Both start Python if it does not run yet.
#'
#' @return `gwasmeta_available()`: `TRUE` or `FALSE`. `gwasmeta_sitrep()`: what it prints, as a named character vector,
#'   invisibly.
#' @examples
#' gwasmeta_available()
#' gwasmeta_sitrep()
#' @export
gwasmeta_available <- function() {
  tryCatch(
    {
      connect()
      TRUE
    },
    gwasmeta_error = function(error) FALSE
  )
}

#' @rdname gwasmeta_available
#' @export
gwasmeta_sitrep <- function() {
  choice <- choose_python()
  facts <- c(
    "gwasmeta (R)" = as.character(utils::packageVersion("gwasmeta")),
    "R" = paste(getRversion(), R.version$platform),
    "system" = utils::sessionInfo()$running,
    "reticulate" = reticulate_version(),
    "Python chosen by" = paste0(choice$by, if (nzchar(choice$python)) paste0(": ", choice$python)),
    python_facts()
  )
  cat(paste0(format(names(facts)), "  ", facts, "\n"), sep = "")
  invisible(facts)
}

python_facts <- function() {
  tryCatch(
    {
      found <- call_core("installation")
      c(
        "gwasmeta (Python)" = found$gwasmeta,
        "its folder" = found$folder,
        "Python" = paste0(found$python, " (", found$executable, ")"),
        unlist(found$libraries)
      )
    },
    gwasmeta_error = function(error) c("Python side" = conditionMessage(error))
  )
}
