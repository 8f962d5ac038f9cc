"""The figures of the lessons, one module for each lesson; all speak the visual language of `style`."""
