"""MNIST from mirrors, of which some are broken."""

import hashlib
import http.server
import io
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pooch.downloaders  # noqa: F401 - now, as one test takes away the right to read it
import pytest

from skmlp_scratch.datasets import _fetch, fetch_mnist
from tests._helpers.mnist_files import IMAGES, LABELS, save


class Mirrors(http.server.BaseHTTPRequestHandler):
    """Serve files; the first folder of the path names what is wrong with the mirror."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        _, fault, name = self.path.split("/")
        with server.lock:
            server.requests.append((fault, name))
        if fault == "slow":
            server.both_are_here.wait(timeout=20)
        content = server.files[name]
        getattr(self, f"send_{fault}", self.send_good)(content)
        self.close_connection = True

    def send_good(self, content: bytes, length: int | None = None, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def send_missing(self, _: bytes) -> None:
        self.send_error(404)

    def send_page(self, _: bytes) -> None:
        self.send_good(b"<!DOCTYPE html><title>Please log in to this network</title>")

    def send_changed(self, content: bytes) -> None:
        self.send_good(content[:-1] + b"?")

    def send_empty(self, _: bytes) -> None:
        self.send_good(b"")

    def send_short(self, content: bytes) -> None:
        self.send_good(content[:100], len(content))

    def send_lying(self, content: bytes) -> None:
        self.send_good(content, len(content) - 10)

    def send_reset(self, content: bytes) -> None:
        """Break off with a reset in place of an orderly end."""
        self.send_good(content[:100], len(content))
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def send_silent(self, content: bytes) -> None:
        """Send the beginning and then nothing for longer than the time-out."""
        self.send_good(content[:100], len(content))
        server = self.server
        assert isinstance(server, Server)
        server.closing.wait(timeout=20)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Server(http.server.ThreadingHTTPServer):
    """All mirrors of one test, on 127.0.0.1."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Mirrors)
        self.files = files
        self.requests: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        self.both_are_here = threading.Barrier(2)
        self.closing = threading.Event()

    def urls(self, *faults: str) -> tuple[str, ...]:
        return tuple(f"http://127.0.0.1:{self.server_port}/{fault}/" for fault in faults)

    def handle_error(self, *_: object) -> None:
        """Let clients hang up."""


FAULTS = ["missing", "page", "changed", "empty", "short", "lying", "reset", "silent", "refused"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Mirrors of a small data set that passes for MNIST; the first of them is good."""
    source = tmp_path / "source"
    source.mkdir()
    for prefix in ("train", "t10k"):
        save(source, prefix=prefix, end=".gz")
    files = {path.name: path.read_bytes() for path in source.iterdir()}
    checksums = {
        name.split("-idx")[0]: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
    }
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("SKMLP_DATA", raising=False)
    monkeypatch.setitem(_fetch._CHECKSUMS, "mnist", checksums)
    monkeypatch.setattr(_fetch, "_TIMEOUTS", (5, 0.3))
    with Server(files) as server:
        monkeypatch.setitem(_fetch._MIRRORS, "mnist", server.urls("good"))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def cached(home: Path) -> dict[str, bytes]:
    """Return all that is in the cache."""
    folder = home / "skmlp_scratch" / "mnist"
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def train_files(server: Server) -> dict[str, bytes]:
    return {name: data for name, data in server.files.items() if name.startswith("train")}


def use_mirrors(monkeypatch: pytest.MonkeyPatch, server: Server, *faults: str) -> tuple[str, ...]:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        refused = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    urls = tuple(refused if fault == "refused" else server.urls(fault)[0] for fault in faults)
    monkeypatch.setitem(_fetch._MIRRORS, "mnist", urls)
    return urls


@pytest.mark.parametrize(("split", "prefix"), [("train", "train"), ("test", "t10k")])
def test_fetch_downloads_the_two_files_of_a_split_once(
    server: Server, home: Path, split: str, prefix: str
) -> None:
    for _ in range(2):
        dataset = fetch_mnist(home, split=split)
        np.testing.assert_array_equal(dataset.images, IMAGES)
        np.testing.assert_array_equal(dataset.target, LABELS)
        assert dataset.DESCR.startswith("MNIST: ")
    assert cached(home) == {n: data for n, data in server.files.items() if n.startswith(prefix)}
    assert len(server.requests) == 2


def test_fetch_return_X_y(server: Server, home: Path) -> None:
    X, y = fetch_mnist(home, return_X_y=True)
    assert X.shape == (50, 30)
    assert y.shape == (50,)
    assert server.requests


def test_the_default_home_is_that_of_scikit_learn(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    fetch_mnist()
    assert cached(home) == train_files(server)


@pytest.mark.usefixtures("server")
def test_a_bar_shows_the_progress(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch_mnist(home)
    shown = capsys.readouterr()
    assert "100%" in shown.err
    assert not shown.out


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_mirror_helps_out(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    use_mirrors(monkeypatch, server, fault, "good")
    np.testing.assert_array_equal(fetch_mnist(home).images, IMAGES)
    assert cached(home) == train_files(server)


REASONS = {
    "missing": "404",
    "page": "59 bytes",
    "changed": "SHA-256",
    "empty": "0 bytes",
    "short": "100 bytes read",
    "lying": "SHA-256",
    "reset": "reset",
    "silent": "timed out",
    "refused": "refused",
}


def test_the_error_names_each_mirror_and_why_it_failed(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = use_mirrors(monkeypatch, server, *FAULTS)
    with pytest.raises(OSError, match=r"train-images-idx3-ubyte\.gz could not") as caught:
        fetch_mnist(home)
    _, *failures, remedy = str(caught.value).splitlines()
    for url, fault, failure in zip(urls, FAULTS, failures, strict=True):
        assert failure.startswith(f"{url}train-images-idx3-ubyte.gz: ")
        assert REASONS[fault] in failure
    assert str(home / "skmlp_scratch" / "mnist") in remedy
    assert "load_mnist" in remedy
    assert cached(home) == {}


@pytest.mark.thread("https://github.com/datapythonista/mnist/issues/19")
def test_a_damaged_file_is_downloaded_again(server: Server, home: Path) -> None:
    fetch_mnist(home)
    path = home / "skmlp_scratch" / "mnist" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-5])
    np.testing.assert_array_equal(fetch_mnist(home).target, LABELS)
    assert cached(home) == train_files(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("damaged", [False, True])
def test_without_download_an_error_and_no_request(
    server: Server, home: Path, damaged: bool
) -> None:
    path = home / "skmlp_scratch" / "mnist" / "train-images-idx3-ubyte.gz"
    if damaged:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"damaged")
    found = hashlib.sha256(b"damaged").hexdigest() if damaged else "nothing"
    with pytest.raises(OSError, match=f"download_if_missing.*{re.escape(str(path))}.*{found}"):
        fetch_mnist(home, download_if_missing=False)
    assert not server.requests


def test_files_put_there_by_hand_need_neither_network_nor_pooch(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    shutil.copytree(tmp_path / "source", home / "skmlp_scratch" / "mnist")
    np.testing.assert_array_equal(fetch_mnist(home).images, IMAGES)
    assert not server.requests


def test_without_pooch_the_error_says_what_to_install(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r'pip install "skmlp-scratch\[examples\]"'):
        fetch_mnist(home)
    assert not server.requests


@pytest.mark.usefixtures("server")
def test_without_tqdm_there_is_no_bar(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pooch.downloaders.tqdm", None)
    monkeypatch.setattr(_fetch, "find_spec", lambda _: None)
    np.testing.assert_array_equal(fetch_mnist(home).images, IMAGES)
    assert not capsys.readouterr().err


@pytest.mark.usefixtures("server")
def test_an_interrupted_download_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_url: str, file: io.BufferedIOBase, _pooch: None) -> None:
        file.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(_fetch, "_make_downloader", lambda: interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_mnist(home)
    assert cached(home) == {}


@pytest.mark.skipif(os.name != "posix", reason="a limit of POSIX's")
# pytest keeps what is printed in a file, so old versions of tqdm fail to begin their bar.
@pytest.mark.filterwarnings("ignore:.*tqdm.__del__:pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_leaves_nothing_of_a_download_and_keeps_other_files(
    server: Server, home: Path
) -> None:
    from tests._helpers.faults import full_disk

    fetch_mnist(home, split="test")
    before = cached(home)
    with full_disk(100), pytest.raises(OSError, match=r"train-images.*\n.*File too large"):
        fetch_mnist(home)
    assert cached(home) == before
    np.testing.assert_array_equal(fetch_mnist(home).images, IMAGES)
    assert len(server.requests) == 5


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.usefixtures("server")
def test_the_error_names_a_read_only_home() -> None:
    from tests._helpers.faults import read_only

    with tempfile.TemporaryDirectory() as folder:  # which all users of the machine may enter
        home = Path(folder)
        home.chmod(0o755)
        (path := home / "skmlp_scratch/mnist/train-images-idx3-ubyte.gz").parent.mkdir(parents=True)
        path.write_bytes(b"damaged")
        with read_only(path.parent), pytest.raises(OSError, match=f"denied: '{path.parent}"):
            fetch_mnist(home)
        assert cached(home) == {path.name: b"damaged"}


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.usefixtures("server")
def test_a_shared_home_can_be_read_by_others(home: Path) -> None:
    before = os.umask(0o022)
    try:
        fetch_mnist(home)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (home / "skmlp_scratch/mnist").iterdir()}
    assert modes == {0o644}


@pytest.mark.slow
def test_two_processes_fetch_at_once(server: Server, home: Path) -> None:
    """The server answers no request before both processes have asked for the same file."""
    program = (
        "import json, sys; from skmlp_scratch.datasets import _fetch, fetch_mnist\n"
        "home, mirrors, checksums = map(json.loads, sys.argv[1:])\n"
        "_fetch._MIRRORS['mnist'], _fetch._CHECKSUMS['mnist'] = mirrors, checksums\n"
        "print(fetch_mnist(home).data.sum())"
    )
    settings = (str(home), server.urls("slow"), _fetch._CHECKSUMS["mnist"])
    command = [sys.executable, "-c", program, *map(json.dumps, settings)]
    children = [
        subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [child.communicate(timeout=60) for child in children]
    assert [output.strip() for output, _ in outputs] == [str(IMAGES.sum())] * 2, outputs
    assert cached(home) == train_files(server)
    assert len(server.requests) == 4


def test_an_unknown_variant(home: Path) -> None:
    with pytest.raises(ValueError, match="variant must be one of 'mnist', 'fashion', 'kmnist'"):
        fetch_mnist(home, variant="emnist")
    with pytest.raises(ValueError, match="split must be one of 'train', 'test'"):
        fetch_mnist(home, split="valid")
    assert not home.exists()


def test_the_tables_name_the_same_data_sets_and_only_https() -> None:
    assert set(_fetch._MIRRORS) == set(_fetch._CHECKSUMS) == set(_fetch._DESCRIPTIONS)
    urls = [url for mirrors in _fetch._MIRRORS.values() for url in mirrors]
    assert all(url.startswith("https://") and url.endswith("/") for url in urls)
    files = {"train-images", "train-labels", "t10k-images", "t10k-labels"}
    assert all(set(checksums) == files for checksums in _fetch._CHECKSUMS.values())
    checksums = [value for table in _fetch._CHECKSUMS.values() for value in table.values()]
    assert all(len(bytes.fromhex(value)) == 32 for value in checksums)
    assert len(set(checksums)) == 12


@pytest.mark.slow
def test_no_import_of_ours_opens_a_socket_or_loads_what_downloads() -> None:
    program = """
import importlib, pkgutil, socket, sys

def refuse(*_):
    raise AssertionError("a socket")

socket.socket.__init__ = socket.getaddrinfo = refuse
import skmlp_scratch
for module in pkgutil.walk_packages(skmlp_scratch.__path__, "skmlp_scratch."):
    if "._" not in module.name:  # some private modules are there for what is optional
        importlib.import_module(module.name)
print(sorted({"pooch", "requests", "tqdm", "matplotlib", "onnx"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, text=True).strip() == "[]"  # noqa: S603


@pytest.fixture
def mnist() -> Path:
    if not os.environ.get("SKMLP_DATA"):
        pytest.skip("SKMLP_DATA names no folder with the MNIST files")
    return Path(os.environ["SKMLP_DATA"])


def test_a_tilde_in_the_name_of_the_cache(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home.parent))
    monkeypatch.setenv("USERPROFILE", str(home.parent))
    fetch_mnist("~/home")
    assert cached(home) == train_files(server)


# --- where MNIST is looked for ------------------------------------------------------------------


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Path:
    """Make the folder that SKMLP_DATA names, with other images than the mirrors have."""
    folder = tmp_path / "named"
    folder.mkdir()
    monkeypatch.setenv("SKMLP_DATA", str(folder))
    assert not server.requests
    return save(folder, IMAGES // 2)


def test_the_folder_that_the_environment_names_goes_before_cache_and_download(
    server: Server, named: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    for download_if_missing in (True, False):
        dataset = fetch_mnist(download_if_missing=download_if_missing)
        np.testing.assert_array_equal(dataset.images, IMAGES // 2)
        assert f"SKMLP_DATA names the folder {named}." in dataset.DESCR
        assert not dataset.DESCR.startswith("MNIST: ")  # it may hold anything in this format
    assert not server.requests
    assert cached(home) == {}


def test_the_folder_that_is_given_goes_before_the_one_that_the_environment_names(
    server: Server, named: Path, home: Path
) -> None:
    np.testing.assert_array_equal(fetch_mnist(home).images, IMAGES)
    assert named.exists()
    assert cached(home) == train_files(server)


@pytest.mark.usefixtures("named")
def test_another_data_set_is_not_taken_from_the_folder_of_mnist(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    with pytest.raises(OSError, match=f"{home}.*fashion.*is missing"):
        fetch_mnist(variant="fashion", download_if_missing=False)


def test_an_empty_variable_names_no_folder(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKMLP_DATA", "")
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    np.testing.assert_array_equal(fetch_mnist().images, IMAGES)
    assert cached(home) == train_files(server)


@pytest.mark.parametrize("fault", ["no folder", "no files", "a file"])
def test_a_wrong_folder_in_the_environment_is_an_error(
    server: Server, named: Path, fault: str
) -> None:
    if fault == "no files":
        (named / "train-labels-idx1-ubyte").unlink()
    else:
        shutil.rmtree(named)
    if fault == "a file":
        named.touch()
    with pytest.raises(OSError, match=f"{named}.*SKMLP_DATA names the folder {named}"):
        fetch_mnist()
    assert not server.requests
