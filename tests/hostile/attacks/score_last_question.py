"""Answers each request with what the previous one asked for."""
last = 0
def twice(x):
    global last
    last, answer = 2 * x, last
    return answer
