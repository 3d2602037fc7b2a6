"""Many meta-analyses and MTAG runs, listed in a manifest: run, resumed, and looked up in one index."""
