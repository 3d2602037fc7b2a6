"""LD scores: panels of them read, fetched and computed."""
