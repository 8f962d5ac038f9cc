# %% [markdown]
# # Linked lists

# %% locked=true id="node_class"
class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next

    def __repr__(self):
        return f"Node({self.value!r})"


# %% locked=true id="make_list"
def from_list(values):
    """The first node of a linked list with these values; None for no values."""
    head = None
    for value in reversed(values):
        head = Node(value, head)
    return head


def to_list(head):
    values = []
    while head is not None:
        values.append(head.value)
        head = head.next
    return values


# %% solution=true id="length"
def length(head):
    ### BEGIN SOLUTION
    return 0 if head is None else 1 + length(head.next)
    ### END SOLUTION


# %% grade=true points=1 id="length_ok"
assert length(None) == 0
assert length(Node(1)) == 1
assert length(from_list("hello")) == 5

# %% solution=true id="reverse"
def reverse(head):
    """Reverses a list in place; returns its new head."""
    ### BEGIN SOLUTION
    before = None
    while head is not None:
        after = head.next
        head.next = before
        before, head = head, after
    return before
    ### END SOLUTION


# %% wrong="reverse"
def reverse(head):
    return from_list(to_list(head)[::-1])


# %% grade=true points=1 id="reverse_ok"
assert to_list(reverse(from_list([1, 2, 3]))) == [3, 2, 1]
assert reverse(None) is None

# %% grade=true points=1 id="reverse_in_place"
nodes = [Node("a"), Node("b")]
nodes[0].next = nodes[1]
assert reverse(nodes[0]) is nodes[1], "use the same nodes"
assert nodes[1].next is nodes[0] and nodes[0].next is None

# %% solution=true id="linked"
class LinkedList:
    ### BEGIN SOLUTION
    def __init__(self, values=()):
        self.head = from_list(list(values))

    def __iter__(self):
        node = self.head
        while node is not None:
            yield node.value
            node = node.next

    def __len__(self):
        return length(self.head)

    def prepend(self, value):
        self.head = Node(value, self.head)

    def remove(self, value):
        before, node = None, self.head
        while node is not None and node.value != value:
            before, node = node, node.next
        if node is None:
            raise ValueError(f"{value!r} is not in the list")
        if before is None:
            self.head = node.next
        else:
            before.next = node.next
    ### END SOLUTION


# %% grade=true points=2 id="linked_ok"
numbers = LinkedList([4, 5])
numbers.prepend(3)
assert list(numbers) == [3, 4, 5]
assert len(numbers) == 3 and 4 in numbers
assert isinstance(numbers.head, Node)

# %% grade=true points=2 id="linked_remove"
numbers.remove(4)
assert list(numbers) == [3, 5]
numbers.remove(3)
assert numbers.head.value == 5
### BEGIN HIDDEN TESTS
try:
    numbers.remove(99)
    assert False
except ValueError as e:
    assert "99" in str(e)
assert sorted(numbers) == [5] and max(LinkedList([1, 7, 3])) == 7
### END HIDDEN TESTS
