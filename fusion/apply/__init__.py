"""A method put to use: loaded with its weights, applied to a pair, to files, to folders."""
