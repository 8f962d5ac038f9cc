"""Allocates memory without limit."""
# status: out_of_memory
# seconds: 30
hoard = []
while True:
    hoard.append(b"x" * 50_000_000)
