"""gwasmeta from other languages: what R calls through reticulate."""
