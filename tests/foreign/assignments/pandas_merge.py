# %% [markdown]
# # Orders and customers: merge, groupby, pivot

# %%
import pandas as pd
from pandas.testing import assert_frame_equal, assert_series_equal

orders = pd.read_csv("orders.csv")
customers = pd.read_csv("customers.csv")
prices = pd.Series({"pen": 1.5, "cup": 8.0, "lamp": 30.0}, name="price")

# %% solution=true id="joined"
def join(orders, customers):
    """Every order with the customer's name and country, which may be missing."""
    ### BEGIN SOLUTION
    return orders.merge(customers, on="customer", how="left")
    ### END SOLUTION


# %% grade=true points=1 id="joined_shape"
full = join(orders, customers)
assert full.shape == (5, 6), f"expected 5 rows and 6 columns, got {full.shape}"
assert list(full.columns[-2:]) == ["name", "country"]

# %% grade=true points=1 id="joined_values"
assert full.loc[full.order == 2, "name"].item() == "Béla"
assert full["name"].isna().sum() == 1

# %% solution=true id="revenue"
def revenue(orders, prices):
    """Revenue by product, largest first."""
    ### BEGIN SOLUTION
    amounts = orders["quantity"] * orders["product"].map(prices)
    return amounts.groupby(orders["product"]).sum().sort_values(ascending=False).rename("revenue")
    ### END SOLUTION


# %% wrong="revenue"
def revenue(orders, prices):
    return orders.groupby("product")["quantity"].sum().sort_values(ascending=False).rename("revenue")


# %% grade=true points=2 id="revenue_values"
r = revenue(orders, prices)
assert isinstance(r, pd.Series)
assert r["pen"] == 22.5
assert r.index.tolist() == ["lamp", "cup", "pen"]
### BEGIN HIDDEN TESTS
expected = pd.Series([30.0, 24.0, 22.5], index=pd.Index(["lamp", "cup", "pen"], name="product"), name="revenue")
assert_series_equal(r, expected, check_index_type=False)
### END HIDDEN TESTS

# %% solution=true id="pivot"
def quantities(orders):
    """A table with a row for each customer and a column for each product; 0 where nothing was ordered."""
    ### BEGIN SOLUTION
    return orders.pivot_table(index="customer", columns="product", values="quantity", aggfunc="sum", fill_value=0)
    ### END SOLUTION


# %% grade=true points=2 id="pivot_values"
table = quantities(orders)
assert table.loc["C1", "pen"] == 10 and table.loc["C1", "lamp"] == 0
assert table.loc["C1"].sum() == 12
assert sorted(table.columns) == ["cup", "lamp", "pen"]
assert table.to_numpy().sum() == orders["quantity"].sum()

# %% solution=true id="best"
### BEGIN SOLUTION
full = join(orders, customers)
full["amount"] = full["quantity"] * full["product"].map(prices)
best_customer = full.groupby("name")["amount"].sum().idxmax()
by_country = full.groupby("country", as_index=False)["amount"].sum()
### END SOLUTION

# %% grade=true points=1 id="best_name"
assert best_customer == "Ada"

# %% grade=true points=1 id="best_table"
wanted = pd.DataFrame({"country": ["CN", "HU", "UK"], "amount": [30.0, 8.0, 31.0]})
assert_frame_equal(by_country, wanted)
