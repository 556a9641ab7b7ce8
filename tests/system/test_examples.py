"""The examples, each run as a user runs it."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
import pytest
from PIL import Image

from skmlp_scratch import MLPClassifier
from tests._helpers.paths import EXAMPLES as FOLDER

pytestmark = pytest.mark.slow

HAS_CALLBACKS = find_spec("sklearn.callback") is not None
EXAMPLES = sorted(FOLDER.glob("[!_]*.py"))
# Packages that are too large for the test extra.
LARGE = {"dask_incremental": "dask_ml", "ray_grid_search": "ray"}
MNIST = FOLDER / "mnist.py"
GALLERY = (FOLDER / "README.md").read_text(encoding="utf-8")
EQUAL_SCORES = r"(  (0\.\d{4})  \2  .*\n){6}"
# What some of them must print.
PRINTED = {
    "dask_grid_search": EQUAL_SCORES,
    "dask_incremental": r"Training accuracy: 9\d\.\d\d%",
    "ray_grid_search": EQUAL_SCORES,
    "digit_map": r"4\d\d of 450 held-out digits",
    "network_by_hand": r"relative difference of the losses: \de-1\d",
    "halving_search": "Epochs in each fold: 108 instead of the 324 of a grid search",
    "packed_search": r"Largest difference from candidates trained alone: 0\.00",
    "optuna_pruning": r"Trained for \d\d epochs instead of 120",
    "optuna_search": r"Test accuracy: 9\d\.\d\d%",
    "stream_from_disk": "Unable to allocate" if sys.platform == "linux" else "sets no limit",
}
PICTURES = ["confusion_matrix", "first_layer", "loss_curve", "mistakes", "samples"]


def run(
    *arguments: str | Path, env: dict[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with the given arguments, with no display."""
    return subprocess.run(  # noqa: S603  (our own files)
        [sys.executable, *arguments], env=env, cwd=cwd, capture_output=True, text=True, check=False
    )


def run_mnist(output_dir: Path, *options: str | Path, env: dict[str, str]) -> str:
    """Run the main example, which succeeds with nothing to complain of; return its output."""
    result = run(MNIST, "--output-dir", output_dir, *options, env=env)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def accuracy(output: str) -> float:
    """Return the accuracy that the main example has printed."""
    return float(re.search(r"^Test accuracy: ([\d.]+)%$", output, re.MULTILINE).group(1))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_runs_offline(path: Path, tmp_path: Path, offline: dict[str, str]) -> None:
    package = LARGE.get(path.stem)
    if package and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    result = run(path, "--quick", env=offline, cwd=tmp_path)
    if path.stem == "callbacks" and not HAS_CALLBACKS:
        assert "since version 1.9" in result.stderr
    else:
        assert (result.returncode, result.stderr) == (0, "")
        assert re.search(PRINTED.get(path.stem, "."), result.stdout)


@pytest.fixture(scope="module")
def fallback(tmp_path_factory: pytest.TempPathFactory, offline: dict[str, str]) -> tuple[str, Path]:
    """Return what the main example prints without a network, and the folder it writes to."""
    folder = tmp_path_factory.mktemp("output")
    return run_mnist(folder, "--quick", env=offline), folder


def test_fallback_says_which_data_it_uses(fallback: tuple[str, Path]) -> None:
    lines = [line for line in fallback[0].splitlines() if line.startswith("Data:")]
    expected = (
        "Data: 1347 training and 450 test images of 8 x 8 pixels, "
        "from scikit-learn, as MNIST could not be downloaded"
    )
    assert lines == [expected]


def test_fallback_learns(fallback: tuple[str, Path]) -> None:
    assert accuracy(fallback[0]) > 90


def test_output_reports_training_and_first_image(fallback: tuple[str, Path]) -> None:
    output, _ = fallback
    assert re.search(r"loss = \d.*, validation score = \d.*, up to \d+ s left", output)
    assert re.search(r"Trained for \d+ epochs in [\d.]+ s; peak memory ", output)
    assert re.search(r"precision +recall +f1-score +support", output)
    assert re.search(r"^( *0\.\d{4}| *1\.0000){10}$", output, re.MULTILINE)
    assert re.search(r"Classified as \d with [\d.]+% confidence; its label is \d\.", output)


def test_model_is_saved(fallback: tuple[str, Path]) -> None:
    output, folder = fallback
    assert "loaded, it predicts the same" in output
    assert isinstance(joblib.load(folder / "model.joblib"), MLPClassifier)


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_not_blank(fallback: tuple[str, Path], name: str) -> None:
    picture = np.asarray(Image.open(fallback[1] / f"{name}.png").convert("L"))
    assert min(picture.shape) > 300
    assert 0.01 < np.mean(picture < 230) < 0.9  # ink on white


def test_no_other_files_are_written(fallback: tuple[str, Path]) -> None:
    names = sorted(path.name for path in fallback[1].iterdir())
    assert names == sorted(["model.joblib", *(f"{name}.png" for name in PICTURES)])


@pytest.mark.parametrize("how", ["--data-dir", "SKMLP_DATA"])
def test_wrong_folder_is_an_error(how: str, tmp_path: Path, offline: dict[str, str]) -> None:
    folder = str(tmp_path / "no_such_folder")
    if how == "SKMLP_DATA":
        result = run(MNIST, env=offline | {how: folder})
    else:
        result = run(MNIST, how, folder, env=offline | {"SKMLP_DATA": str(tmp_path)})
    assert result.returncode == 1
    assert result.stdout == ""
    assert re.fullmatch(rf"mnist\.py: error: .*{re.escape(folder)}.*\n", result.stderr)


@pytest.mark.parametrize(
    ("example", "package", "extra"),
    [
        ("mnist", "matplotlib", "examples"),
        ("dask_grid_search", "distributed", "dask"),
        ("dask_incremental", "dask_ml", "dask"),
        ("optuna_pruning", "optuna", "tuners"),
        ("optuna_search", "optuna_integration", "tuners"),
        ("ray_grid_search", "ray", "ray"),
    ],
)
def test_the_error_names_a_missing_package_and_the_remedy(
    example: str, package: str, extra: str, offline: dict[str, str]
) -> None:
    script = (
        f"import runpy, sys; sys.modules[{package!r}] = None; sys.path[0] = {str(FOLDER)!r}; "
        f"runpy.run_path({str(FOLDER / example)!r} + '.py', run_name='__main__')"
    )
    result = run("-c", script, env=offline)
    assert result.returncode == 1
    assert re.fullmatch(rf'.*{package}.* pip install "\.\[{extra}\]"\n', result.stderr)


def test_gallery_lists_each_example_with_its_command() -> None:
    listed = re.findall(r"^\| \[`python examples/(.+?)`\]\((.+?)\) \| \S", GALLERY, re.MULTILINE)
    assert sorted(listed) == [(path.name, path.name) for path in EXAMPLES]


def test_gallery_shows_each_picture_and_all_can_be_made_again() -> None:
    shown = re.findall(r'<img src="pictures/(.+?)\.png" alt="\w', GALLERY)
    runs = runpy.run_path(str(FOLDER / "pictures" / "make.py"))["RUNS"]
    made = [name for _, _, names in runs for name in names]
    stored = [path.stem for path in FOLDER.glob("pictures/*.png")]
    assert sorted(shown) == sorted(made) == sorted(stored)


def test_pictures_are_made_in_a_small_file(fallback: tuple[str, Path], tmp_path: Path) -> None:
    """Pixels and colors become fewer, but white stays white and the rest what it is."""
    shrink = runpy.run_path(str(FOLDER / "pictures" / "make.py"))["shrink"]
    shrink(fallback[1] / "samples.png", tmp_path / "small.png")
    small = Image.open(tmp_path / "small.png").convert("L")
    large = Image.open(fallback[1] / "samples.png").convert("L").resize(small.size)
    assert (tmp_path / "small.png").stat().st_size < 60_000
    assert small.getpixel((0, 0)) == 255
    assert np.abs(np.subtract(small, large, dtype=float)).mean() < 8  # of 255, half a level


def test_stored_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("pictures/*.png")}
    assert {name: size for name, size in sizes.items() if size >= 60_000} == {}


@pytest.fixture
def real_data() -> Path:
    """Return the folder of the original MNIST files."""
    folder = os.environ.get("SKMLP_DATA")
    if not folder:
        pytest.skip("SKMLP_DATA does not name the folder of the four MNIST files")
    return Path(folder)


@pytest.mark.mnist
def test_mnist_reaches_the_promised_accuracy(
    tmp_path: Path, offline: dict[str, str], real_data: Path
) -> None:
    output = run_mnist(tmp_path, env=offline | {"SKMLP_DATA": str(real_data)})
    assert "Data: 60000 training and 10000 test images of 28 x 28 pixels, from the folder" in output
    assert accuracy(output) >= 98


@pytest.mark.mnist
def test_cache_is_used(tmp_path: Path, offline: dict[str, str], real_data: Path) -> None:
    cache = tmp_path / "skmlp_scratch" / "mnist"
    cache.mkdir(parents=True)
    for file in real_data.glob("*ubyte.gz"):
        shutil.copyfile(file, cache / file.name)
    output = run_mnist(
        tmp_path / "output", "--quick", env=offline | {"SCIKIT_LEARN_DATA": str(tmp_path)}
    )
    assert "from the cache of MNIST" in output
    assert accuracy(output) > 90
