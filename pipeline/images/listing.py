"""Which files of a folder are images."""

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
"""Of image files, in any case of letters."""
