"""The figures of the lessons, one module for each lesson, and `motion` for those that move; all speak the visual language of `style`."""
