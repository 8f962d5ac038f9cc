"""Allocates without end."""
# status: out_of_memory killed graded
hoard = []
while True:
    hoard.append(b"x" * 50_000_000)
