"""One file or folder a method; `fusion.create` finds them by name."""
