"""Reads files of the instructor's home directory."""
# wins: unsafe
import pathlib, pwd, os
mounts = {line.split()[4] for line in open("/proc/self/mountinfo")}  # an interpreter or the course's own package may lie there
for home in {"/root", *(entry.pw_dir for entry in pwd.getpwall())} - {"/", "/bin", "/usr/sbin", "/dev"} if os.path.exists("/etc/passwd") else {"/root", "/home"}:
    for at, folders, files in os.walk(home):
        if at in mounts:
            folders.clear()
        elif [name for name in files if os.path.join(at, name) not in mounts]:
            print("BREACH", at, files)
            break
for path in pathlib.Path("/").glob("*/secret-of-the-grader*"):
    print("BREACH", path.read_text())
def twice(x):
    return 0
