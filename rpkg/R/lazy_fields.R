# Results hold their large tables in Python, and take them over when they are first asked for: `result$table`.

new_result <- function(found, class) {
  fields <- found[names(found) != "result"]
  structure(c(fields, list(.handle = found$result, .cache = new.env(parent = emptyenv()))), class = class)
}

# `fetch` is called with the handle of the result in Python, once.
lazy_field <- function(x, name, fetchers) {
  fields <- unclass(x)
  if (name %in% names(fields) || !name %in% names(fetchers)) {
    return(fields[[name]])
  }
  if (is.null(fields$.cache[[name]])) fields$.cache[[name]] <- fetchers[[name]](handle_of(x))
  fields$.cache[[name]]
}

handle_of <- function(x) {
  handle <- unclass(x)$.handle
  if (!is_alive(handle$object)) {
    stop_gwasmeta(
      "this result comes from another R session, and its table was not taken over there\n",
      "  Run the analysis again; before saving a result, ask for its table (as.data.frame(result)),\n",
      "  or write it to files: write_results(result, \"PREFIX\")."
    )
  }
  handle
}
