# %% [markdown]
# # Cleaning data with pandas
# `weather.csv` has some of the usual faults. Look at it first.

# %%
import numpy as np
import pandas as pd

# %%
raw = pd.read_csv("weather.csv")
raw.head()

# %% [markdown]
# **1.** Store in `n_missing` how many values are missing in the whole table.

# %% solution=true id="missing"
n_missing = None
### BEGIN SOLUTION
n_missing = int(raw.isna().sum().sum())
### END SOLUTION

# %% grade=true points=1 id="missing_ok"
assert n_missing == 2, "count all columns"

# %% [markdown]
# **2.** `clean(frame)` returns a new table: names of stations without blanks and with a capital, dates as `datetime64`,
# -999 as missing, no rows twice, rows in the order of station and date, numbered from 0.

# %% solution=true id="clean"
def clean(frame):
    ### BEGIN SOLUTION
    result = frame.copy()
    result["station"] = result["station"].str.strip().str.title()
    result["date"] = pd.to_datetime(result["date"])
    result["temp"] = result["temp"].replace(-999, np.nan)
    return result.drop_duplicates().sort_values(["station", "date"]).reset_index(drop=True)
    ### END SOLUTION


# %% wrong="clean"
def clean(frame):
    frame["station"] = frame["station"].str.title()
    frame["date"] = pd.to_datetime(frame["date"])
    return frame.drop_duplicates().sort_values(["station", "date"])


# %% grade=true points=1 id="clean_names"
df = clean(pd.read_csv("weather.csv"))
assert sorted(df["station"].unique()) == ["Bern", "Oslo", "Rome"]
assert len(df) == 7

# %% grade=true points=1 id="clean_types"
assert str(df.dtypes["date"]).startswith("datetime64")
assert df["temp"].min() == -3.5
assert df["temp"].isna().sum() == 2
assert list(df.index) == list(range(7))

# %% grade=true points=1 id="clean_copy"
before = pd.read_csv("weather.csv")
after = clean(before)
pd.testing.assert_frame_equal(before, pd.read_csv("weather.csv"))
assert after is not before

# %% [markdown]
# **3.** Fill missing temperatures with the mean of the station.

# %% solution=true id="fill"
def fill_temperature(frame):
    ### BEGIN SOLUTION
    means = frame.groupby("station")["temp"].transform("mean")
    return frame.assign(temp=frame["temp"].fillna(means))
    ### END SOLUTION


# %% grade=true points=2 id="fill_ok"
sample = pd.DataFrame({"station": ["a", "a", "b", "a"], "temp": [1.0, np.nan, 5.0, 3.0]})
filled = fill_temperature(sample)
assert filled["temp"].tolist() == [1.0, 2.0, 5.0, 3.0]
assert filled.shape == sample.shape
### BEGIN HIDDEN TESTS
assert np.isnan(sample.loc[1, "temp"]), "the table handed over should not change"
### END HIDDEN TESTS

# %% [markdown]
# **4.** `wettest(frame)` returns the day (a `pd.Timestamp`) with most rain, over all stations.

# %% solution=true id="wet"
def wettest(frame):
    ### BEGIN SOLUTION
    return frame.groupby("date")["rain"].sum().idxmax()
    ### END SOLUTION


# %% grade=true points=1 id="wet_ok"
days = pd.DataFrame({"date": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]), "rain": [3, 5, 4]})
assert wettest(days) == pd.Timestamp("2024-05-01")
assert wettest(days[days.rain > 3]).day == 2
