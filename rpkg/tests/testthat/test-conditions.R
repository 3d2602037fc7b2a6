# A function of the core for these tests alone.
define <- function(name, ...) {
  skip_without_python()
  code <- paste(c(
    "import gwasmeta, warnings",
    "from gwasmeta.interop.r_functions import R_FUNCTIONS",
    paste0("def ", name, "(say):"),
    paste0("    ", c(...)),
    paste0("R_FUNCTIONS['", name, "'] = ", name)
  ), collapse = "\n")
  reticulate::py_run_string(code)
}

test_that("an error of 5,000 characters arrives whole, without the way to it", {
  define("fail_long", "raise gwasmeta.GwasmetaError('x' * 4999 + 'y')")
  error <- expect_error(call_core("fail_long"), class = "gwasmeta_error")
  expect_identical(conditionMessage(error), paste0(strrep("x", 4999), "y"))
  expect_null(conditionCall(error))
  expect_false(inherits(error, "gwasmeta_fault"))
})

test_that("errors keep their notes and any script", {
  define("fail_note", "error = ValueError('\u03b2 \u4e2d')", "error.add_note('in a.txt')", "raise error")
  error <- expect_error(call_core("fail_note"), class = "gwasmeta_error")
  expect_identical(conditionMessage(error), "\u03b2 \u4e2d\nin a.txt")
})

test_that("remedies are arguments of R, not options of the shell", {
  skip_without_python()
  file <- tempfile(fileext = ".txt")
  writeLines(c("SNP A1 A2 BETA SE", "rs1 A G 0.1 0.05"), file)
  error <- expect_error(meta_analyze(file), class = "gwasmeta_error")
  remedy <- 'columns = c(effect_allele = "A1", other_allele = "A2")'
  expect_match(conditionMessage(error), remedy, fixed = TRUE)
  expect_false(grepl("--|in Python", conditionMessage(error)))
  said <- meta_analyze(study(file, columns = eval(parse(text = sub("columns = ", "", remedy)))), progress = FALSE)
  expect_identical(said$table$beta, 0.1)
})

test_that("a fault of ours asks for a report and keeps its trace", {
  define("fail_ours", "return {}['key']")
  error <- expect_error(call_core("fail_ours"), "fault of gwasmeta .*KeyError: 'key'", class = "gwasmeta_fault")
  expect_s3_class(error, "gwasmeta_error")
  expect_match(error$traceback, "in fail_ours")
  expect_false(grepl("Traceback", conditionMessage(error)))
})

test_that("what would end Python does not end R", {
  define("leave", "raise SystemExit(3)")
  expect_error(call_core("leave"), "SystemExit", class = "gwasmeta_fault")
})

test_that("warnings of Python are R's, each once; those for programmers are not shown", {
  define(
    "warn",
    "for _ in range(3): warnings.warn('look here')",
    "warnings.warn('deprecated', DeprecationWarning)",
    "return 1"
  )
  seen <- character()
  withCallingHandlers(call_core("warn"), warning = function(warning) {
    seen <<- c(seen, conditionMessage(warning))
    invokeRestart("muffleWarning")
  })
  expect_identical(seen, "look here")
})

test_that("progress comes as messages, and can be switched off", {
  studies <- example_studies()
  messages <- capture_messages(meta_analyze(studies))
  expect_true(any(grepl("^rowan: 5,107 rows read \\(5/5 studies\\)\n$", messages)))
  expect_silent(meta_analyze(studies, progress = FALSE))
})

test_that("a handler may leave a run by a message", {
  studies <- example_studies()
  left <- tryCatch(meta_analyze(studies), message = function(message) conditionMessage(message))
  expect_match(left, "rows read|compiling")
  stopped <- tryCatch(
    withCallingHandlers(meta_analyze(studies), message = function(message) stop("enough")),
    error = conditionMessage
  )
  expect_identical(stopped, "enough")
  expect_identical(nrow(meta_analyze(studies, progress = FALSE)$table), 6465L)
})

test_that("an interrupt while R has a message stops the run too", {
  define("speak", "say('now')", "return 1")
  presses <- 1
  say <- function(text) {
    if (presses > 0) {
      presses <<- presses - 1
      tools::pskill(Sys.getpid(), tools::SIGINT)
      Sys.sleep(5)
    }
  }
  skip_on_os("windows")
  expect_identical(tryCatch(call_core("speak", say = say), interrupt = function(condition) "stopped"), "stopped")
  expect_identical(call_core("speak"), 1L)
})

test_that("an interrupt stops a run and leaves the session alive", {
  skip_on_os("windows")
  skip_without_python()
  python <- unname(gwasmeta_python())
  script <- tempfile(fileext = ".R")
  ready <- tempfile()
  writeLines(c(
    "library(gwasmeta)",
    "code <- paste('import time', 'from gwasmeta.interop.r_functions import R_FUNCTIONS', 'def wait(say):',",
    "  \"    say('waiting')\", '    time.sleep(60)', \"R_FUNCTIONS['wait'] = wait\", sep = '\\n')",
    "stopifnot(gwasmeta_available())",
    "reticulate::py_run_string(code)",
    paste0("say <- function(text) file.create('", ready, "')"),
    "outcome <- tryCatch(gwasmeta:::call_core('wait', say = say), interrupt = function(condition) 'stopped')",
    "cat(outcome, nrow(meta_analyze(example_studies(), progress = FALSE)$table), '\\n')"
  ), script)
  printed <- tempfile()
  with_environment(c(R_LIBS = paste(.libPaths(), collapse = ":"), R_TESTS = "", RETICULATE_PYTHON = python), {
    # a shell's background processes ignore Ctrl-C, those of exec in a new session do not
    launcher <- c(
      "import signal, subprocess, sys, time, os",
      "signal.signal(signal.SIGINT, signal.default_int_handler)",
      "process = subprocess.Popen(sys.argv[2:4], stdout=open(sys.argv[4], 'w'), stderr=subprocess.STDOUT)",
      "deadline = time.time() + 60",
      "while not os.path.exists(sys.argv[1]) and time.time() < deadline: time.sleep(0.1)",
      "time.sleep(0.5)",
      "process.send_signal(signal.SIGINT)",
      "process.wait(60)"
    )
    system2(python, shQuote(c("-c", paste(launcher, collapse = "\n"), ready, file.path(R.home("bin"), "Rscript"),
      script, printed
    )))
  })
  expect_match(paste(readLines(printed), collapse = "\n"), "stopped 6465")
})
