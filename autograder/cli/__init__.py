"""The command line: `python -m autograder`."""
