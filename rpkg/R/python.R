# Everything that this package knows of Python: which one runs, how it is called, how it is installed.

# What is kept for the session: the imported module.
the <- new.env(parent = emptyenv())

environment_name <- "r-gwasmeta"

.onLoad <- function(libname, pkgname) {
  choice <- choose_python()
  if (choice$by == "py_require") get_py_require()("gwasmeta", python_version = ">=3.11") # declares, starts nothing
}

# Which Python is to run; `by` says who decided. Asks nothing but its arguments.
choose_python <- function(reticulate_python = Sys.getenv("RETICULATE_PYTHON"),
                          gwasmeta_python = Sys.getenv("GWASMETA_PYTHON"),
                          option = getOption("gwasmeta.python", ""),
                          installed = installed_python(),
                          py_require = get_py_require()) {
  given <- c(
    RETICULATE_PYTHON = reticulate_python,
    GWASMETA_PYTHON = gwasmeta_python,
    gwasmeta.python = option,
    install_gwasmeta = installed
  )
  given <- given[nzchar(given)]
  if (length(given) > 0) {
    return(list(by = names(given)[1], python = given[[1]]))
  }
  list(by = if (is.null(py_require)) "reticulate" else "py_require", python = "")
}

# reticulate has py_require() from 1.41 on; named in the code, it would fail the checks of earlier ones.
get_py_require <- function() {
  if ("py_require" %in% getNamespaceExports("reticulate")) getExportedValue("reticulate", "py_require")
}

# The interpreter that install_gwasmeta() has left behind; "" for none.
installed_python <- function(record = installation_record()) {
  python <- if (file.exists(record)) readLines(record, n = 1L, encoding = "UTF-8") else character()
  if (length(python) == 1 && file.exists(python)) python else ""
}

installation_record <- function() {
  file.path(tools::R_user_dir("gwasmeta", "config"), "python")
}

remember_python <- function(python, record = installation_record()) {
  dir.create(dirname(record), recursive = TRUE, showWarnings = FALSE)
  writeLines(enc2utf8(python), record, useBytes = TRUE)
}

# The Python module; Python starts here, at the first call that needs it.
connect <- function() {
  if (is.null(the$core)) {
    choice <- choose_python()
    the$core <- tryCatch(
      {
        if (!reticulate::py_available()) start_python(choice)
        reticulate::import("gwasmeta.interop.reticulate", convert = FALSE)
      },
      error = function(error) stop_without_python(choice, conditionMessage(error))
    )
    reg.finalizer(the, end_python, onexit = TRUE)
  }
  the$core
}

# Most versions of reticulate do not end Python when R ends, and results would leave their temporary files behind.
end_python <- function(the) {
  if (reticulate::py_available()) the$core$end_session()
}

start_python <- function(choice) {
  # Without this, older versions of reticulate offer to install a Python of their own.
  with_environment(c(RETICULATE_MINICONDA_ENABLED = "FALSE"), {
    if (choice$by %in% c("GWASMETA_PYTHON", "gwasmeta.python", "install_gwasmeta")) {
      reticulate::use_python(choice$python, required = TRUE)
    }
    reticulate::py_config()
  })
}

stop_without_python <- function(choice, reason) {
  found <- if (nzchar(choice$python)) paste0(" (", choice$by, ": ", choice$python, ")") else ""
  stop_gwasmeta(
    "the Python side of gwasmeta cannot be used", found, "\n",
    "  Run install_gwasmeta(), and restart R. gwasmeta_sitrep() tells more.\n",
    "  The reason: ", strsplit(reason, "\n", fixed = TRUE)[[1]][1]
  )
}

# Call a function of the core; `say` takes the messages that come meanwhile. `.function` has its dot because R would
# take an argument n for the beginning of one called name.
call_core <- function(.function, ..., say = NULL) {
  arguments <- list(...)
  core <- connect()
  unheard <- NULL
  relay <- function(text) {
    unheard <<- if (is.character(text)) text else reticulate::py_to_r(text)
    say(unheard)
    unheard <<- NULL
  }
  answer <- reticulate::py_to_r(core$call(
    .function,
    list(kind = "list", names = as.list(names(arguments)), values = unname(lapply(arguments, to_plain))),
    if (!is.null(say)) relay,
    Sys.getenv("GWASMETA_STORE")
  ))
  # A handler that wants to leave cannot jump over Python, which ends with an error then: now it can. If none does, it
  # was Ctrl-C, while R had the message.
  if (!is.null(unheard)) {
    say(unheard)
    interrupt()
  }
  for (text in answer$warnings) warning(text, call. = FALSE)
  if (isTRUE(answer$interrupted)) interrupt()
  if (!answer$ok) stop_gwasmeta(answer$message, fault = answer$is_fault, traceback = answer$traceback)
  from_plain(answer$value)
}

# Whether an object of Python is still there: one that was saved and loaded again is not.
is_alive <- function(object) {
  inherits(object, "python.builtin.object") && !reticulate::py_is_null_xptr(object)
}

# Install the Python package, and return the interpreter that has it.
install_python_package <- function(source, method, envname, python, conda, refresh) {
  # R's library path makes a Python that R starts load another one's library.
  with_environment(c(LD_LIBRARY_PATH = NA), {
    if (method == "conda") {
      return(install_into_conda(source, envname, conda, refresh))
    }
    install_into_virtualenv(source, envname, python, refresh)
  })
}

install_into_virtualenv <- function(source, envname, python, refresh) {
  exists <- reticulate::virtualenv_exists(envname)
  if (exists && refresh) {
    reticulate::virtualenv_remove(envname, confirm = FALSE)
    exists <- FALSE
  }
  if (!exists) {
    reticulate::virtualenv_create(envname, python = python_for_environment(python), packages = NULL)
  }
  interpreter <- reticulate::virtualenv_python(envname)
  pip_install(interpreter, source)
  interpreter
}

install_into_conda <- function(source, envname, conda, refresh) {
  known <- reticulate::conda_list(conda = conda)
  exists <- envname %in% known$name
  if (exists && refresh) {
    reticulate::conda_remove(envname, conda = conda)
    exists <- FALSE
  }
  if (!exists) reticulate::conda_create(envname, conda = conda, python_version = "3.12")
  interpreter <- reticulate::conda_python(envname, conda = conda)
  pip_install(interpreter, source)
  interpreter
}

# By pip itself: reticulate's functions do not quote paths with blanks.
pip_install <- function(interpreter, source) {
  wanted <- with_extras(source, python_extras)
  run_python(interpreter, c("-m", "pip", "install", "--upgrade", "--disable-pip-version-check", wanted),
    failed = "pip could not install the Python package gwasmeta; what it printed is above"
  )
}

# What R users would need pip for later: several processes, fetched LD scores, VCF and tabix, other builds.
python_extras <- c("dask", "ldscores", if (.Platform$OS.type != "windows") c("liftover", "vcf"))

# Behind a path, or between a name and its version.
with_extras <- function(source, extras) {
  bracket <- paste0("[", paste(extras, collapse = ","), "]")
  if (grepl("[/\\\\]", source)) paste0(source, bracket) else sub("^([[:alnum:]._-]+)", paste0("\\1", bracket), source)
}

run_python <- function(interpreter, arguments, failed) {
  status <- system2(interpreter, shQuote(arguments))
  if (status != 0) stop_gwasmeta(failed, "\n  Python: ", interpreter)
}

# The interpreter to make the environment with: the given one, or the newest on the search path that is new enough.
python_for_environment <- function(python, found = Sys.which(c(paste0("python3.", 14:11), "python3", "python")),
                                   version_of = version_of_python) {
  candidates <- if (is.null(python)) unname(found[nzchar(found)]) else path.expand(python)
  for (candidate in candidates) {
    if (version_of(candidate) >= "3.11") {
      return(candidate)
    }
  }
  what <- if (length(candidates) == 0) {
    "there is no Python on the search path"
  } else {
    paste0("too old, or no Python: ", paste(candidates, collapse = ", "))
  }
  stop_gwasmeta(
    what, "\n  gwasmeta needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt-get install python3-venv),\n",
    "  or say where it is: install_gwasmeta(python = \"PATH\")."
  )
}

version_of_python <- function(python) {
  program <- "import sys; print('%d.%d' % sys.version_info[:2])"
  printed <- tryCatch(
    suppressWarnings(system2(python, c("-c", shQuote(program)), stdout = TRUE, stderr = FALSE)),
    error = function(error) character()
  )
  numeric_version(if (length(printed) == 1 && grepl("^[0-9.]+$", printed)) printed else "0.0")
}

# Run a small analysis in a new R with the interpreter: that its library loads there is part of what is checked.
check_installation <- function(interpreter) {
  program <- c(
    "arguments <- commandArgs(trailingOnly = TRUE)",
    "reticulate::use_python(arguments[1], required = TRUE)",
    "gwasmeta <- reticulate::import('gwasmeta')",
    "result <- gwasmeta$meta_analyze(gwasmeta$example_studies())",
    "writeLines(as.character(reticulate::py_len(result)), arguments[2])"
  )
  script <- tempfile(fileext = ".R")
  written <- tempfile()
  on.exit(unlink(c(script, written)))
  writeLines(program, script)
  with_environment(c(RETICULATE_PYTHON = NA, R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep)), {
    system2(file.path(R.home("bin"), "Rscript"), shQuote(c(script, interpreter, written)))
  })
  if (!file.exists(written)) {
    stop_gwasmeta(
      "gwasmeta is installed, but a small analysis with it fails; what it printed is above\n",
      "  If it speaks of a Python shared library: Debian and Ubuntu have it in the package libpython3.11\n",
      "  (or of the version that python3 has).\n  Python: ", interpreter
    )
  }
  as.integer(readLines(written))
}

# Whether Python runs already in this session.
python_runs <- function() {
  reticulate::py_available()
}

reticulate_version <- function() {
  as.character(utils::packageVersion("reticulate"))
}

# Set environment variables while the code runs; NA removes one.
with_environment <- function(variables, code) {
  old <- Sys.getenv(names(variables), unset = NA, names = TRUE)
  on.exit(set_environment(old))
  set_environment(variables)
  force(code)
}

set_environment <- function(variables) {
  gone <- is.na(variables)
  Sys.unsetenv(names(variables)[gone])
  if (any(!gone)) do.call(Sys.setenv, as.list(variables[!gone]))
}
