"""The seccomp filter does not disturb honest notebooks; a machine that cannot build the walls gets a clear message."""

import json
import textwrap

import nbformat
import pytest

from autograder.execution import Runner
from autograder.sandbox import walls
from autograder.sandbox.syscalls import seccomp_filter

pytestmark = pytest.mark.usefixtures("sandbox")

HONEST = {
    "files": """
        import os, pathlib, shutil, tempfile, zipfile, tarfile, glob
        pathlib.Path("a").mkdir(); pathlib.Path("a/b.txt").write_text("text")
        shutil.copy2("a/b.txt", "a/c.txt"); shutil.copytree("a", "d"); shutil.move("d/c.txt", "e.txt"); os.replace("e.txt", "f.txt")
        os.utime("f.txt"); os.chmod("f.txt", 0o600); os.truncate("f.txt", 2)
        with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
            file.write(b"x"); file.flush(); os.fsync(file.fileno())
        with zipfile.ZipFile("z.zip", "w") as z: z.write("a/b.txt")
        with tarfile.open("t.tgz", "w:gz") as t: t.add("a")
        shutil.rmtree("a"); sorted(glob.glob("**", recursive=True)), os.statvfs("."), os.listxattr("f.txt"), os.get_terminal_size
    """,
    "a database": """
        import sqlite3, dbm.dumb, shelve
        with sqlite3.connect("x.db") as db:
            db.execute("create table t (a)"); db.executemany("insert into t values (?)", [(n,) for n in range(100)])
        assert sqlite3.connect("x.db").execute("select sum(a) from t").fetchone() == (4950,)
        with shelve.open("s") as shelf: shelf["a"] = 1
    """,
    "locks": """
        import fcntl
        with open("lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX); fcntl.lockf(file, fcntl.LOCK_EX); fcntl.flock(file, fcntl.LOCK_UN)
    """,
    "threads": """
        import threading, queue, concurrent.futures as futures, multiprocessing.dummy
        assert sum(futures.ThreadPoolExecutor(64).map(abs, range(1000))) == 499500
        with multiprocessing.dummy.Pool(8) as pool: assert pool.map(abs, [-1]) == [1]
        timer = threading.Timer(0.01, print); timer.start(); timer.join()
    """,
    "event loops": """
        import asyncio, selectors, socket, os
        async def one(): await asyncio.sleep(0.001); return 1
        assert await asyncio.gather(*[one() for _ in range(10)]) == [1] * 10
        assert await asyncio.to_thread(lambda: 2) == 2
        ours, theirs = socket.socketpair(); ours.sendall(b"x"); assert theirs.recv(1) == b"x"
        with selectors.DefaultSelector() as selector: selector.register(ours, selectors.EVENT_WRITE); selector.select(0.1)
        read, write = os.pipe(); os.write(write, b"x"); os.read(read, 1)
    """,
    "time and signals": """
        import signal, time, resource, random, secrets, uuid, zoneinfo, locale, os
        signal.signal(signal.SIGALRM, lambda *_: None); signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause()
        time.sleep(0.001), time.process_time(), resource.getrusage(resource.RUSAGE_SELF), os.times(), secrets.token_hex(), uuid.uuid4()
        zoneinfo.ZoneInfo("Europe/Berlin"), os.cpu_count(), os.sched_getaffinity(0), os.getloadavg, os.uname(), os.getpriority(0, 0)
    """,
    "arrays and figures": """
        import mmap, numpy as np, matplotlib.pyplot as plt, io
        np.save("a.npy", np.ones((100, 100))); np.load("a.npy", mmap_mode="r").sum(); np.savez_compressed("b.npz", a=np.eye(3))
        np.linalg.svd(np.random.default_rng(0).normal(size=(300, 300))); np.memmap("m", dtype="f4", mode="w+", shape=(10,)).flush()
        figure, axes = plt.subplots(); axes.imshow(np.eye(9)); axes.set_title("$x^2$"); figure.savefig("f.png"); figure.savefig("f.pdf"); plt.show()
        mmap.mmap(-1, 4096).close()
    """,
    "a model": """
        import keras, tensorflow as tf, numpy as np
        model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        data = tf.data.Dataset.from_tensor_slices((np.ones((64, 8, 8, 1), "f4"), np.zeros(64))).shuffle(64).batch(8).prefetch(2).cache("cached")
        model.fit(data, epochs=2, verbose=0, callbacks=[keras.callbacks.ModelCheckpoint("best.keras"), keras.callbacks.CSVLogger("log.csv")])
        model.save("m.keras"); keras.models.load_model("m.keras").predict(np.ones((2, 8, 8, 1)), verbose=0); model.save_weights("w.weights.h5")
        tf.linalg.svd(tf.ones((64, 64))); tf.io.write_file("t", "x")
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(code).strip()) for code in HONEST.values()]
    with Runner() as runner:
        return runner.run(nbformat.v4.new_notebook(cells=cells))


@pytest.mark.parametrize("what", HONEST)
def test_honest_work_needs_nothing_that_is_refused(what, result):
    """At 981fac2 threads fail: creating the locks of a pool needs the refused system call `link`."""
    assert result.status == "graded"
    outputs = result.outputs[list(HONEST).index(what)]
    assert [output["evalue"] for output in outputs if output["output_type"] == "error"] == [], json.dumps(outputs)[
        :3_000
    ]


def test_the_filter_is_made_of_rules_that_this_library_knows():
    assert seccomp_filter() is not None


@pytest.mark.parametrize(
    ("program", "said"),
    [("exec sleep 300", "it was not done after 0.5 s"), ("echo no namespaces >&2; exit 3", "no namespaces")],
)
def test_a_machine_that_cannot_build_the_walls_is_told_what_happened(program, said, monkeypatch, tmp_path):
    """Fails at 981fac2 with a traceback, if bubblewrap hangs."""
    (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(walls.shutil, "which", lambda name: str(tmp_path / name))
    monkeypatch.setattr(walls, "PROBE_SECONDS", 0.5 if "sleep" in program else 30.0)
    (fault,) = walls.missing()
    assert fault.what == f"bubblewrap cannot make its namespaces ({said})."
