"""Raises what ends loops, cells and processes, one after the other."""
kinds = iter([KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration, BaseExceptionGroup])
def twice(x):
    kind = next(kinds, BaseException)
    raise kind("passed", [ValueError()]) if kind is BaseExceptionGroup else kind("passed")
