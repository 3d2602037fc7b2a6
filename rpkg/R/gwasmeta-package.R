#' Meta-analysis of genome-wide association studies
#'
#' One trait over many studies: [meta_analyze()]. Many traits together: [mtag()]. The command lines of the programs
#' that it replaces: [gwama()], [metal()] and [mtag_cli()].
#'
#' The numbers are computed by the Python package gwasmeta, which [install_gwasmeta()] installs; nothing else needs to
#' be known of Python. [gwasmeta_sitrep()] tells what is installed and works.
#'
#' Options: `gwasmeta.progress`, `FALSE` for no messages while an analysis runs; `gwasmeta.python`, the Python
#' interpreter to use instead of the one of [install_gwasmeta()] (so does the environment variable `GWASMETA_PYTHON`).
#'
#' Analyses run in threads of the R process. Do not fork R after one has run (`parallel::mclapply()`); a cluster of
#' new processes (`parallel::makePSOCKcluster()`) is fine.
#'
#' @keywords internal
"_PACKAGE"

#' @importFrom stats setNames
#' @importFrom utils head
NULL
