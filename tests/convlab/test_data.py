import gzip
import hashlib
import importlib.util
import shutil

import numpy as np
import pytest
import system_needs

from autograder.course.lessons import REPOSITORY as ROOT
from convlab import data
from convlab.data import CLASS_NAMES, DEBIAN_DIRECTORY, ORIGINALS, SUBSET, DataError, load_fashion_mnist


@pytest.fixture(scope="module")
def originals():
    system_needs.require("data set")
    return load_fashion_mnist(full=True)


def test_the_subset_is_stratified_and_has_the_promised_form():
    (x_train, y_train), (x_test, y_test) = load_fashion_mnist()
    assert x_train.shape == (6000, 28, 28) and x_test.shape == (1000, 28, 28)
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train).tolist() == [600] * 10 and np.bincount(y_test).tolist() == [100] * 10
    assert (ROOT / "data" / SUBSET).stat().st_size < 5_000_000 and len(CLASS_NAMES) == 10


def test_the_subset_is_what_its_script_makes_of_the_originals(originals):
    spec = importlib.util.spec_from_file_location("make_subset", ROOT / "data" / "make_subset.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.subset(None)
    (x_train, y_train), (x_test, y_test) = load_fashion_mnist()
    for name, shipped in {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}.items():
        assert np.array_equal(made[name], shipped), name
    small = {name: array[:50] for name, array in made.items()}
    assert script.packed(small) == script.packed(small)


def test_checksums_of_shipped_files_hold():
    for line in (ROOT / "data" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((ROOT / "data" / name).read_bytes()).hexdigest() == digest, name


def test_the_originals_have_the_published_form(originals):
    (x_train, y_train), (x_test, y_test) = originals
    assert x_train.shape == (60000, 28, 28) and x_test.shape == (10000, 28, 28)
    assert np.bincount(y_train).tolist() == [6000] * 10 and np.bincount(y_test).tolist() == [1000] * 10


def test_unpacked_originals_are_found_by_directory_and_by_environment(originals, tmp_path, monkeypatch):
    for name in ORIGINALS:
        (tmp_path / name).write_bytes(gzip.decompress((DEBIAN_DIRECTORY / f"{name}.gz").read_bytes()))
    assert np.array_equal(load_fashion_mnist(full=True, directory=tmp_path)[1][0], originals[1][0])
    monkeypatch.setenv("FASHION_MNIST", str(tmp_path))
    monkeypatch.setattr(data, "DEBIAN_DIRECTORY", tmp_path / "nowhere")
    assert np.array_equal(load_fashion_mnist(full=True)[1][1], originals[1][1])


def test_missing_originals_are_explained_with_each_place_and_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DEBIAN_DIRECTORY", tmp_path / "debian")
    monkeypatch.setenv("FASHION_MNIST", str(tmp_path / "named"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with pytest.raises(DataError) as error:
        load_fashion_mnist(full=True)
    for words in (
        str(tmp_path / "debian"),
        str(tmp_path / "named"),
        str(tmp_path / "keras"),
        "dataset-fashion-mnist",
        "download=True",
    ):
        assert words in str(error.value)


@pytest.mark.parametrize("damage", ["flipped bit", "truncated", "replaced"])
def test_a_damaged_original_is_refused_by_name(originals, tmp_path, damage):
    for name in ORIGINALS:
        shutil.copy(DEBIAN_DIRECTORY / f"{name}.gz", tmp_path)
    path = tmp_path / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[100] ^= 1
    path.write_bytes(
        {"flipped bit": gzip.compress(content), "truncated": path.read_bytes()[:1000], "replaced": b"hello"}[damage]
    )
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte"):
        load_fashion_mnist(full=True, directory=tmp_path)


def test_a_damaged_or_missing_subset_is_refused_with_a_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DATA", str(tmp_path))
    with pytest.raises(DataError, match="CONVLAB_DATA"):
        load_fashion_mnist()
    content = bytearray((ROOT / "data" / SUBSET).read_bytes())
    content[-1000] ^= 1
    (tmp_path / SUBSET).write_bytes(content)
    with pytest.raises(DataError, match="is damaged"):
        load_fashion_mnist()
