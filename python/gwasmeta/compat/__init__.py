"""The command lines of the programs that gwasmeta replaces, translated into calls of its own engine."""
