"""Prints sequences that move the cursor, set a terminal's title, and reverse the text direction."""
print("\x1b[2J\x1b]0;title\x07\x9b31m\u202ereversed\u2066\x00\x08\r\n\u2028forged line")
def twice(x):
    return 0
