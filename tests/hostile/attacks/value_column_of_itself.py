"""Returns a table with a column of objects that contains the table."""
import numpy as np
import pandas as pd
loop = np.empty(2, dtype=object)
loop[0] = loop[1] = pd.DataFrame({"loop": pd.Series(loop, dtype=object, copy=False)}, copy=False)
def twice(x):
    return loop
