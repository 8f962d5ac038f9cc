"""Answers each question with what the one before asked for."""
last = 0
def twice(x):
    global last
    last, answer = 2 * x, last
    return answer
