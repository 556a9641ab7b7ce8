"""What is private in scikit-learn may change with any release, so that one module imports it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import skmlp_scratch

PACKAGE = Path(skmlp_scratch.__file__).parent
THE_ONE = PACKAGE / "_estimator" / "sklearn_compat.py"


def imported_names(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_private_to_sklearn(name: str) -> bool:
    """Return whether a part of a name of scikit-learn's begins with an underscore."""
    first, *others = name.split(".")
    return first == "sklearn" and any(part.startswith("_") for part in others)


def test_one_module_imports_what_is_private_to_sklearn() -> None:
    found = {
        str(path.relative_to(PACKAGE)): names
        for path in PACKAGE.rglob("*.py")
        if path != THE_ONE
        and (names := [name for name in imported_names(path) if is_private_to_sklearn(name)])
    }

    assert found == {}


def test_the_scan_sees_private_names_and_modules(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(
        "from sklearn.utils._tags import Tags\n"
        "def function():\n"
        "    import sklearn._config\n"
        "    from sklearn.base import _fit_context, clone\n"
        "    from joblib._utils import eval_expr\n",
        encoding="utf-8",
    )
    names = [*imported_names(tmp_path / "module.py")]

    assert [name for name in names if is_private_to_sklearn(name)] == [
        "sklearn.utils._tags.Tags",
        "sklearn._config",
        "sklearn.base._fit_context",
    ]
