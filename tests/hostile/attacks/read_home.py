"""Reads files of the instructor's home directory."""
# wins: unsafe
import pathlib, pwd, os
for home in {"/root", *(entry.pw_dir for entry in pwd.getpwall())} if os.path.exists("/etc/passwd") else {"/root", "/home"}:
    try:
        if [name for name in os.listdir(home) if name not in (".pyenv",)]:
            print("BREACH", os.listdir(home))
    except OSError:
        pass
for path in pathlib.Path("/").glob("*/secret-of-the-grader*"):
    print("BREACH", path.read_text())
def twice(x):
    return 0
