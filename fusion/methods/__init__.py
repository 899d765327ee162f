"""One file a method; `fusion.registry` finds them by file name."""
