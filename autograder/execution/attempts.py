"""The walls of the sandbox, each with the attack that a hostile submission would try against it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wall:
    """A wall and an attack on it.

    Args:
        name: what the wall protects.
        tries: what the attack tries to do, for a person.
        attempt: a cell that a worker runs; it prints what it could do, or nothing if the wall held.
        ends: statuses of the run that also mean that the wall held.
    """

    name: str
    tries: str
    attempt: str
    ends: tuple[str, ...] = ()


WALLS = (
    Wall(
        "network",
        "connect to a server of the grader's machine; look up a name",
        """
        import socket
        def connect():
            socket.create_connection(("127.0.0.1", {port}), 2)
        def look_up():
            socket.getaddrinfo("localhost.localdomain.", 80)
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 53))
        attempt(connect, look_up)
        """,
    ),
    Wall(
        "files",
        "read the repository's solutions, the class directory, a file in the home directory",
        """
        def read():
            assert MARKER in open({secret!r}).read()
        def solutions():
            os.listdir({solutions!r})
        def home():
            assert any(os.path.exists(name) for name in {home!r})
        attempt(read, solutions, home)
        """,
    ),
    Wall(
        "writing",
        "change the installed packages, the course's code, the system",
        """
        import convlab, keras
        def write(place):
            def into():
                open(os.path.join(place, "written-by-doctor"), "w").close()
                os.unlink(os.path.join(place, "written-by-doctor"))
            return into
        attempt(*[write(place) for place in ("/", "/usr", "/etc", "/dev", "/proc", "/var", os.path.dirname(convlab.__file__), os.path.dirname(keras.__file__), {folder!r})])
        """,
    ),
    Wall(
        "environment",
        "find what the grader's environment holds",
        """
        def mine():
            assert MARKER in "".join(os.environ.values())
        def of_others():
            assert open("/proc/{pid}/environ").read()
        attempt(mine, of_others)
        """,
    ),
    Wall(
        "other processes",
        "see them in /proc, send them signals",
        """
        def see():
            assert [name for name in os.listdir("/proc") if name.isdigit() and name != str(os.getpid())]
        def signal():
            os.kill({pid}, 0)
        def parent():
            assert os.getppid()
            os.kill(os.getppid(), 0)
        attempt(see, signal, parent)
        """,
    ),
    Wall(
        "descriptors",
        "use a file or socket that was left open",
        """
        import socket, struct
        def is_own(fd):
            with socket.socket(fileno=os.dup(fd)) as one:
                return struct.unpack("3i", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == os.getpid()
        def look():
            found = {{int(fd): os.readlink(f"/proc/self/fd/{{fd}}") for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{{fd}}")}}
            others = [fd for fd, link in found.items() if fd > 2 and not link.startswith(("/dev/null", "/proc", "anon_inode:"))]
            # The one to the judge has to be there, and those of the event loop have both ends here.
            assert len([fd for fd in others if not found[fd].startswith("socket:") or not is_own(fd)]) > 1
        attempt(look)
        """,
    ),
    Wall(
        "new processes",
        "fork, start a program",
        """
        def fork():
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)
        def run():
            os.waitpid(os.posix_spawn("/bin/true", ["true"], {{}}), 0)
        attempt(fork, run)
        """,
    ),
    Wall(
        "privileges",
        "become root, mount, make namespaces",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def root():
            os.setuid(0)
            assert os.getuid() == 0
        def mount():
            os.makedirs("mounted", exist_ok=True)
            assert libc.mount(b"tmpfs", b"mounted", b"tmpfs", 0, None) == 0
            libc.umount2(b"mounted", 2)
        def namespaces():
            assert libc.unshare(0x10000000 | 0x20000) == 0
        def capabilities():
            status = open("/proc/self/status").read()
            assert int(status.split("CapEff:")[1].split()[0], 16) or "NoNewPrivs:\\t0" in status
        attempt(root, mount, namespaces, capabilities)
        """,
    ),
    Wall(
        "kernel calls",
        "trace a process, memory files, keys, io_uring, bpf",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def trace():
            assert libc.ptrace(0, 0, 0, 0) == 0
        def memory_file():
            os.close(os.memfd_create("doctor"))
        def filter_mode():
            assert "Seccomp:\\t2" not in open("/proc/self/status").read()
        attempt(trace, memory_file, filter_mode)
        """,
    ),
    Wall(
        "places",
        "look where courses, settings and other people's files are",
        """
        def look():
            assert any(os.path.exists(path) for path in ("/usr/src", "/usr/share/doc", "/usr/include", "/etc/passwd", "/home", "/srv", "/var", "/opt", "/run", "/sys"))
        attempt(look)
        """,
    ),
    Wall(
        "shared files",
        "lock or lease an installed file, so that the machine waits; watch who opens it",
        """
        import ctypes, fcntl
        libc = ctypes.CDLL(None, use_errno=True)
        def shared():
            return os.open(os.__file__, os.O_RDONLY)
        def lease():
            fcntl.fcntl(shared(), fcntl.F_SETLEASE, fcntl.F_RDLCK)
        def lock():
            fcntl.flock(shared(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                fcntl.flock(shared(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            raise OSError("the first lock locks nothing")
        def watch():
            assert libc.inotify_add_watch(libc.inotify_init1(0), os.__file__.encode(), 0x20) >= 0
        def notify():
            fcntl.fcntl(os.open(os.path.dirname(os.__file__), os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_RENAME)
        attempt(lease, lock, watch, notify)
        """,
    ),
    Wall(
        "other submissions",
        "open a terminal that they see, name a socket that they can write to, hand a file over",
        """
        import socket
        def terminal():
            os.openpty()
        def address():
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("")
        def descriptor():
            socket.send_fds(socket.socketpair()[0], [b"x"], [0])
        attempt(terminal, address, descriptor)
        """,
    ),
    Wall(
        "shares of the machine",
        "use up per-user resources: large pipes, asynchronous I/O, keys; raise its priority; disturb other processors",
        """
        import ctypes, fcntl, platform
        libc = ctypes.CDLL(None, use_errno=True)
        other = platform.machine() != "x86_64"
        def pipes():
            fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 2**20)
        def input():
            assert libc.syscall(0 if other else 206, 100, ctypes.byref(ctypes.c_ulong())) == 0
        def keys():
            assert libc.syscall(217 if other else 248, b"user", b"doctor", b"x", 1, -2) > 0
        def priority():
            os.nice(-1)
        def barrier():
            assert libc.syscall(283 if other else 324, 1, 0, 0) == 0
        attempt(pipes, input, keys, priority, barrier)
        """,
    ),
    Wall(
        "own settings",
        "change the kernel's settings of a process, let others trace it, outlive its parent",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def settings():
            open("/proc/self/coredump_filter", "w").write("0x33")
        def parent():
            assert libc.prctl(1, 0, 0, 0, 0) == 0
        def traced():
            assert libc.prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0) == 0
        attempt(settings, parent, traced)
        """,
    ),
    Wall(
        "machine code",
        "call the kernel as a 32-bit program",
        """
        import ctypes, mmap, platform
        def old():
            assert platform.machine() == "x86_64"
            code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
            assert ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() > 0
        attempt(old)
        """,
        ends=("killed",),
    ),
    Wall(
        "threads",
        "start four thousand",
        """
        import threading
        threading.stack_size(32_768)
        def start():
            for _ in range(4_000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            time.sleep(1)
        attempt(start)
        """,
        ends=("killed",),
    ),
    Wall(
        "memory",
        "use eight gigabytes",
        """
        blocks = []
        def fill():
            for _ in range(128):
                blocks.append(bytearray(b"x") * 2**26)
        attempt(fill)
        blocks.clear()
        """,
        ends=("out_of_memory",),
    ),
    Wall(
        "disk",
        "write 200 MB, ten thousand files",
        """
        import shutil, tempfile
        place = tempfile.mkdtemp()
        def large():
            with open(f"{{place}}/large", "wb") as file:
                for _ in range(200):
                    file.write(bytes(2**20))
        def many():
            for number in range(10_000):
                open(f"{{place}}/{{number}}", "w").close()
        attempt(large, many)
        shutil.rmtree(place)
        """,
    ),
    Wall(
        "time",
        "run on, ignoring every signal",
        """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pass
        print("ran for 30 s")
        """,
        ends=("timeout",),
    ),
    Wall(
        "output",
        "print a hundred million characters",
        """
        for _ in range(100):
            print("x" * 1_000_000)
        """,
    ),
    Wall(
        "hidden tests",
        "find the text of a test that ran just before",
        """
        import gc
        def search():
            texts = [value for value in gc.get_objects() if type(value) in (dict, list, tuple)]
            assert any(type(item) is str and TESTED in item and item is not TESTED for value in texts for item in (value.values() if type(value) is dict else value))
        def history():
            assert any(TESTED in text for text in In[:-1])
        def files():
            assert any(TESTED in open(os.path.join(at, name), errors="replace").read() for at, _, names in os.walk(os.getcwd()) for name in names)
        attempt(search, history, files)
        """,
    ),
)
