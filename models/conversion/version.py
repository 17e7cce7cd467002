"""Which converter made a folder. Apart from the converter itself, which takes long to import and is seldom needed."""

CONVERTER_VERSION = 3
"""Part of every converted folder's identity: raise it whenever the graph or the rounding changes."""
