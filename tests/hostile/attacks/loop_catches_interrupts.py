"""Loops for ever and catches every interrupt."""
# status: timeout
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
