"""Reads every file that it can see, in search of hidden tests, other submissions, grades and passwords."""
# wins: unsafe
# seconds: 20
import os
wanted = b"secret-of-the-" + b"grader"
def search():
    tops = sorted(set(os.listdir("/")) - {"usr", "proc", "sys", "lib", "bin", "sbin"}, key=lambda top: (top != "tmp", top))
    for top in tops:
        for at, folders, names in os.walk(os.path.join("/", top)):
            folders[:] = [name for name in folders if name not in ("site-packages", ".venv", ".git", ".cache", ".hypothesis", "lib", "tests")]
            for name in names:
                path = os.path.join(at, name)
                try:
                    if os.path.isfile(path) and os.path.getsize(path) < 200_000:
                        with open(path, "rb") as file:
                            if wanted in file.read():
                                print("BREACH", path)
                                return
                except OSError:
                    pass
search()
def twice(x):
    return 0
