"""Writes to the settings that the kernel keeps for it in /proc."""
# wins: unsafe
for name, text in (("oom_score_adj", "1000"), ("clear_refs", "1"), ("coredump_filter", "0xff"), ("comm", "judge"), ("timerslack_ns", "0")):
    try:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
        print("BREACH", name)
    except OSError:
        pass
def twice(x):
    return 0
