"""Returns a list that is small in memory and huge when it is serialized."""
# status: graded timeout out_of_memory
def twice(x):
    laugh = "ha"
    for _ in range(40):
        laugh = [laugh] * 10
    return laugh
