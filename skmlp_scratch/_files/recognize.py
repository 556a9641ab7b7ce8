"""What an unexpected file is, and what reads it.

Nothing in a file is executed to find out, and no more than a few KiB are read or decompressed.
"""

import re
import zlib
from io import BufferedReader
from typing import NamedTuple

_WINDOW = 4096  # bytes that are looked at, at either end of a file


class Kind(NamedTuple):
    """A kind of file.

    Parameters
    ----------
    view : {"start", "whole", "members", "text"}
        Where to look for the pattern: at the beginning of the bytes; there, with the end of the
        file in sight; in a name of a zip archive's members; at the beginning of a text, behind
        byte order mark and white space.
    pattern : bytes
        The regular expression that tells it.
    what : str
        What it is, behind "the file is".
    remedy : str
        What reads it, or what to do.
    if_compressed : tuple of str, default=()
        The methods of compression with which the remedy holds, too.
    """

    view: str
    pattern: bytes
    what: str
    remedy: str
    if_compressed: tuple[str, ...] = ()

    def explain(self) -> str:
        """Return the likely cause of an error."""
        return f"the file is {self.what}; {self.remedy}"


_ANY = ("gzip", "zlib")
_UNPACK = "decompress it first, unless joblib.dump has written it: joblib.load reads that"
_TRUST = "from people that you trust, as a pickle may run any code"

MODEL = Kind(
    "start",
    rb'PK\x03\x04.{26}header\.npy.{1,300}?\{"format": "skmlp_scratch\.',
    "a model of skmlp_scratch",
    "skmlp_scratch.MLPClassifier.load reads it",
)
# The first one that fits is taken.
KINDS = (
    Kind(
        "start", rb"\Z", "empty", "an interrupted download or a full disk leaves such files", _ANY
    ),
    Kind(
        "start",
        rb"\0{16,}\Z",
        "full of zeros where it should begin",
        "a crash or an interrupted download leaves such files: download or save it again",
        if_compressed=_ANY,
    ),
    # --- zip archives ---
    Kind(
        "whole",
        rb"PK\x03\x04(?!.*PK\x05\x06)",
        "a zip archive, as .npz files are, that was cut off",
        "copy or download it again",
    ),
    Kind("members", rb"schema\.json\Z", "a model of skops", "skops.io.load reads it"),
    Kind(
        "members",
        rb"model\.weights\.h5\Z",
        "a model of Keras",
        "keras.models.load_model reads it",
    ),
    Kind(
        "members",
        rb"\[Content_Types\]\.xml\Z",
        "a document of Office",
        "if it is a table of Excel, pandas.read_excel reads it",
    ),
    Kind("members", rb".*(/|\.npz|\.zip)\Z", "a zip archive of other files", "extract it first"),
    Kind("members", rb"(.*/)?data\.pkl\Z", "a model of PyTorch", "torch.load reads it"),
    MODEL,
    Kind("members", rb".*\.npy\Z", "an archive of NumPy (.npz)", "numpy.load reads it"),
    Kind("start", rb"PK(\x03\x04|\x05\x06)", "a zip archive", "extract it first"),
    # --- arrays and tables ---
    Kind(
        "start",
        rb"\0\0[\x08\x09\x0b-\x0e][^\0]",
        "an IDX file",
        "skmlp_scratch.datasets.read_idx reads it",
        if_compressed=("gzip",),
    ),
    Kind("start", rb"\x93NUMPY", "an array of NumPy (.npy)", "numpy.load reads it"),
    Kind("start", rb"MATLAB 5\.0", "a file of MATLAB", "scipy.io.loadmat reads it"),
    Kind("start", rb"MATLAB 7\.3", "a file of MATLAB 7.3", "h5py.File reads it"),
    Kind(
        "start",
        rb"(.{512}|.{1024}|.{2048})?\x89HDF\r\n\x1a\n",
        "an HDF5 file",
        "keras.models.load_model reads a model of Keras, h5py.File everything else",
    ),
    Kind("start", rb"PAR1", "a Parquet file", "pandas.read_parquet reads it"),
    Kind("start", rb"ARROW1|FEA1", "a Feather file", "pandas.read_feather reads it"),
    Kind("start", rb"SQLite format 3\0", "an SQLite database", "sqlite3.connect opens it"),
    # --- models and pickles ---
    Kind("start", rb".{4}\0{4}\{\s*\"", "a file of safetensors", "safetensors reads it"),
    Kind(
        "start",
        rb"\x08[\x03-\x20][\x12\x1a\x22\x28\x32\x3a\x42]",
        "a model in ONNX",
        "onnxruntime.InferenceSession runs it",
    ),
    Kind(
        "start",
        rb"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19",
        "a model of an old PyTorch",
        "torch.load reads it",
    ),
    Kind(
        "start",
        rb"\x80[\x03-\x05]",
        "a pickle, as joblib.dump and pickle.dump write it",
        f"joblib.load reads it; load only files {_TRUST}",
        if_compressed=_ANY,
    ),
    Kind(
        "start",
        rb"\x80[\x01\x02]|[(\]}]*c[a-zA-Z_][\w.]*\n\w+\n|\([dl]p\d",
        "a pickle of an old protocol",
        "pickle.load(file, encoding='latin1') reads it, also from Python 2, and joblib.load what "
        f"joblib.dump has written; load only files {_TRUST}",
    ),
    Kind("start", rb"ZF0x", "a file of joblib.dump", f"joblib.load reads it; only {_TRUST}"),
    # --- archives and compressed files, which are not looked into ---
    Kind("start", rb".{257}ustar", "a tar archive", "extract it first", if_compressed=("gzip",)),
    Kind("start", rb"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip", "extract it first"),
    Kind("start", rb"Rar!", "an archive of RAR", "extract it first"),
    Kind("start", rb"BZh[1-9]", "a bzip2 file", _UNPACK),
    Kind("start", rb"\xfd7zXZ\0", "an xz file", _UNPACK),
    Kind("start", rb"\x5d\0\0..(\xff{8}|.{5}\0\0\0)", "an lzma file", _UNPACK),
    Kind("start", rb"\x04\x22\x4d\x18", "an lz4 file", _UNPACK),
    Kind("start", rb"\x28\xb5\x2f\xfd", "a zstd file", "decompress it first"),
    Kind("start", rb"\x1f\x9d", "a file of compress (.Z)", "decompress it first"),
    # --- pictures and documents ---
    Kind("start", rb"\x89PNG", "an image (PNG)", "PIL.Image.open reads it"),
    Kind("start", rb"\xff\xd8\xff", "an image (JPEG)", "PIL.Image.open reads it"),
    Kind(
        "start",
        rb"GIF8|BM.{4}\0{4}|RIFF.{4}WEBP|II\*\0|MM\0\*|P[1-6]\s",
        "an image",
        "PIL.Image.open reads it",
    ),
    Kind("start", rb"%PDF-", "a PDF document", "download the data themselves"),
    # --- text ---
    Kind(
        "text",
        rb"version https://git-lfs",
        "a pointer of Git LFS in the place of the data",
        "`git lfs pull` gets the data",
        if_compressed=_ANY,
    ),
    Kind(
        "text",
        rb"[./]*/annex/objects/|(\.\./)*\.git/annex/",
        "a pointer of git-annex in the place of the data",
        "`git annex get` gets the data",
        if_compressed=_ANY,
    ),
    Kind(
        "text",
        rb"<",
        "a web page or XML, such as an error message in the place of the data",
        "look at it in a browser, and download the data again",
        if_compressed=_ANY,
    ),
    Kind(
        "text",
        rb"(?i)(\s|%[^\n]*\n)*@relation\b",
        "a table in ARFF, as OpenML has it",
        "sklearn.datasets.fetch_openml or scipy.io.arff.loadarff reads it",
    ),
    Kind(
        "text",
        rb"[-+.\deE]+( \d+:[-+.\deE]+)+\s",
        "a table in svmlight's format",
        "sklearn.datasets.load_svmlight_file reads it",
    ),
    Kind(
        "text",
        rb"(?i)(#[^\n]*\n)*+[ \t]*+[-+.(]*+\d[-+.\d()naifej \t\r]*+(\n|\Z)",
        "a table of numbers in text, as numpy.savetxt writes it",
        "numpy.loadtxt reads it",
    ),
    Kind("text", rb"\{\s*[\"}]|\[\s*[\[{\"\d\]-]", "JSON", "json.load reads it"),
    Kind(
        "text",
        rb'"[^\n"]*"[,;\t|](?! )|[^\n,;\t|]*([,;\t|](?! )[^\n,;\t|]*)+(\n|\Z)',
        "a table in text (CSV)",
        "pandas.read_csv or numpy.loadtxt reads it",
    ),
    Kind(
        "text",
        rb"([\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xf4][\x80-\xbf]{2,3}){4}",
        "text, such as an error message in the place of the data",
        "look at it in an editor",
        if_compressed=_ANY,
    ),
)

# How text is told that is not in UTF-8: by its mark, or by the zeros in it.
_ENCODINGS = {
    rb"\xef\xbb\xbf": "utf-8-sig",
    rb"\xff\xfe\0\0|\0\0\xfe\xff": "utf-32",
    rb"\xff\xfe|\xfe\xff": "utf-16",
    rb"([\t\n\r -~]\0){4}": "utf-16-le",
    rb"(\0[\t\n\r -~]){4}": "utf-16-be",
}

# What can be looked into at little cost.
_METHODS = {rb"\x1f\x8b": "gzip", rb"\x78[\x01\x5e\x9c\xda]": "zlib"}
_TWICE = Kind("start", b"", "compressed twice", "decompress it once")


def recognize(file: BufferedReader) -> Kind | None:
    """Return what kind of file this is; None if it is none of the known ones."""
    file.seek(0)
    start = file.read(_WINDOW)
    size = file.seek(0, 2)
    file.seek(max(len(start), size - _WINDOW))
    for pattern, method in _METHODS.items():
        if re.match(pattern, start):
            return _look_into(start, method)
    return _find(start, start + file.read(_WINDOW))


def _look_into(start: bytes, method: str) -> Kind | None:
    """Return the kind of a compressed file, by what is in it."""
    content = _decompress(start)
    if content is None:
        return None
    if any(re.match(pattern, content) for pattern in _METHODS):
        return _TWICE
    if (kind := _find(content, b"")) is None:
        return None
    is_read = method in kind.if_compressed
    remedy = kind.remedy if is_read else f"decompress it first; then {kind.remedy}"
    return kind._replace(what=f"{kind.what} (compressed with {method})", remedy=remedy)


def _decompress(start: bytes) -> bytes | None:
    """Return the beginning of what is in a file of gzip or zlib; None if it is damaged."""
    decompressor = zlib.decompressobj(32 + zlib.MAX_WBITS)  # zlib's code for either
    try:
        content = decompressor.decompress(start, _WINDOW)
    except zlib.error:
        return None
    is_whole = decompressor.eof and not decompressor.unused_data
    return content if content or is_whole else None


def _find(start: bytes, whole: bytes) -> Kind | None:
    """Return the first kind that fits."""
    views = {
        "start": [start],
        "whole": [whole],
        "members": _member_names(whole or start),
        "text": [_text(start)],
    }
    for kind in KINDS:
        if any(re.match(kind.pattern, view, re.DOTALL) for view in views[kind.view]):
            return kind
    return None


def _member_names(content: bytes) -> list[bytes]:
    """Return the names in those records of a zip archive that are in sight."""
    if not content.startswith(b"PK"):
        return []
    records = rb"PK(?:\x03\x04.{22}(..)..|\x01\x02.{24}(..).{16})"
    names = []
    for record in re.finditer(records, content, re.DOTALL):
        n_bytes = int.from_bytes(record[1] or record[2], "little")
        names.append(content[record.end() : record.end() + n_bytes])
    return names


def _text(start: bytes) -> bytes:
    """Return the text at the beginning, without byte order mark and white space; b"" if none."""
    for pattern, encoding in _ENCODINGS.items():
        if re.match(pattern, start):
            start = start.decode(encoding, "ignore").encode()
            break
    is_binary = re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", start)
    return b"" if is_binary else start.lstrip()
