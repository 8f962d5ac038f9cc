# %% [markdown]
# # Reading a server's log
#
# `access.log` lies beside this notebook. Each line looks like
#
#     10.0.0.7 - [03/Feb/2024:10:01:12] "GET /index.html" 200 5120

# %%
import re
from collections import Counter
from datetime import datetime

# %% [markdown]
# Write `parse(line)`. It returns a dictionary with `ip`, `when` (a `datetime`), `method`, `path`, `status` and `size`
# (both `int`), or `None` if the line has another form.

# %% solution=true id="parse"
def parse(line):
    ### BEGIN SOLUTION
    match = re.match(r'(\S+) - \[([^\]]+)\] "(\w+) (\S+)" (\d{3}) (\d+)$', line.strip())
    if match is None:
        return None
    ip, when, method, path, status, size = match.groups()
    return {
        "ip": ip,
        "when": datetime.strptime(when, "%d/%b/%Y:%H:%M:%S"),
        "method": method,
        "path": path,
        "status": int(status),
        "size": int(size),
    }
    ### END SOLUTION


# %% grade=true points=2 id="test_parse"
line = '10.0.0.7 - [03/Feb/2024:10:01:12] "GET /index.html" 200 5120'
entry = parse(line)
assert entry["ip"] == "10.0.0.7"
assert entry["when"] == datetime(2024, 2, 3, 10, 1, 12)
assert entry["status"] == 200 and entry["size"] == 5120
assert entry["method"], entry["path"] == ("GET", "/index.html")
assert parse("nonsense") is None

# %% solution=true id="load"
def load(path):
    """The parsed lines of a file; lines of another form are left out."""
    ### BEGIN SOLUTION
    with open(path) as file:
        return [entry for entry in map(parse, file) if entry]
    ### END SOLUTION


# %% wrong="load"
def load(path):
    with open(path) as file:
        return [parse(line) for line in file]


# %% grade=true points=2 id="test_load"
entries = load("access.log")
assert len(entries) == 7, "there are 7 good lines"
assert all(isinstance(e, dict) for e in entries)

# %% solution=true id="busiest"
def busiest(entries, n=1):
    """The n addresses with most requests, as pairs of address and count."""
    ### BEGIN SOLUTION
    return Counter(entry["ip"] for entry in entries).most_common(n)
    ### END SOLUTION


# %% grade=true points=1 id="test_busiest"
sample = [{"ip": ip} for ip in "aabacb"]
assert busiest(sample) == [("a", 3)]
assert busiest(sample, 2) == [("a", 3), ("b", 2)]

# %% [markdown]
# Now store the paths that were not found (status 404), each once, in `missing`.

# %% solution=true id="missing"
### BEGIN SOLUTION
missing = {entry["path"] for entry in load("access.log") if entry["status"] == 404}
### END SOLUTION

# %% grade=true points=1 id="test_missing"
assert type(missing) is set
assert missing == {"/old.html", "/favicon.ico"}
