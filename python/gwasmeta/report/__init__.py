"""One HTML file that says whether a result can be trusted, and what was found."""
