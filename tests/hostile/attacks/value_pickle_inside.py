"""Puts a pickle into its answer that would run a command when it is loaded."""
import pickle
class Run:
    def __reduce__(self):
        return (exec, ("print('BRE' + 'ACH')",))
def twice(x):
    return pickle.dumps(Run())
