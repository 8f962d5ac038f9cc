# %% [markdown]
# # Graphs

# %%
from collections import deque

# %% locked=true id="cities"
roads = {
    "A": {"B": 4, "C": 1},
    "B": {"A": 4, "C": 2, "D": 5},
    "C": {"A": 1, "B": 2, "D": 8},
    "D": {"B": 5, "C": 8},
    "E": {"F": 1},
    "F": {"E": 1},
}

# %% solution=true id="reachable"
def reachable(graph, start):
    """The set of all places that can be reached."""
    ### BEGIN SOLUTION
    seen, waiting = {start}, deque([start])
    while waiting:
        for place in graph[waiting.popleft()]:
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return seen
    ### END SOLUTION


# %% grade=true points=1 id="reach-1"
assert reachable(roads, "A") == {"A", "B", "C", "D"}
assert reachable(roads, "E") == set("EF")
assert reachable({1: []}, 1) == {1}

# %% solution=true id="path"
def shortest_path(graph, start, goal):
    """The path with fewest edges as a list of places, or None."""
    ### BEGIN SOLUTION
    before, waiting = {start: None}, deque([start])
    while waiting:
        place = waiting.popleft()
        if place == goal:
            path = []
            while place is not None:
                path.append(place)
                place = before[place]
            return path[::-1]
        for other in graph[place]:
            if other not in before:
                before[other] = place
                waiting.append(other)
    return None
    ### END SOLUTION


# %% wrong="path"
def shortest_path(graph, start, goal, seen=()):
    if start == goal:
        return [start]
    for other in sorted(graph[start]):
        if other not in seen:
            path = shortest_path(graph, other, goal, (*seen, start))
            if path:
                return [start, *path]
    return None


# %% grade=true points=2 id="path-1"
def is_path(graph, path):
    return all(b in graph[a] for a, b in zip(path, path[1:]))


path = shortest_path(roads, "A", "D")
assert is_path(roads, path) and len(path) == 3
assert shortest_path(roads, "A", "F") is None
assert shortest_path(roads, "B", "B") == ["B"]
### BEGIN HIDDEN TESTS
ring = {n: [(n + 1) % 10, (n - 1) % 10] for n in range(10)}
assert shortest_path(ring, 0, 8) == [0, 9, 8]
### END HIDDEN TESTS

# %% solution=true id="dijkstra"
import heapq


def distances(graph, start):
    """The length of the shortest way to each place that can be reached."""
    ### BEGIN SOLUTION
    found, heap = {}, [(0, start)]
    while heap:
        distance, place = heapq.heappop(heap)
        if place not in found:
            found[place] = distance
            for other, length in graph[place].items():
                heapq.heappush(heap, (distance + length, other))
    return found
    ### END SOLUTION


# %% grade=true points=2 id="dijkstra-1"
assert distances(roads, "A") == {"A": 0, "C": 1, "B": 3, "D": 8}
assert distances(roads, "F")["E"] == 1

# %% solution=true id="Graph"
class Graph:
    def __init__(self):
        self.edges = {}

    def connect(self, a, b):
        ### BEGIN SOLUTION
        self.edges.setdefault(a, set()).add(b)
        self.edges.setdefault(b, set()).add(a)
        return self
        ### END SOLUTION

    def components(self):
        """A set of frozensets: the parts that are not connected with each other."""
        ### BEGIN SOLUTION
        return {frozenset(reachable(self.edges, place)) for place in self.edges}
        ### END SOLUTION


# %% grade=true points=2 id="Graph-1"
g = Graph().connect(1, 2).connect(2, 3).connect(8, 9)
assert g.edges[2] == {1, 3}
assert g.components() == {frozenset({1, 2, 3}), frozenset({8, 9})}
