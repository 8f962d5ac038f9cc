"""The figures of the lessons, one module for each lesson, in the colors of `style`; animations are in `motion`."""
