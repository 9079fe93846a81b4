"""What the sandbox's modules import: no cycles, and Pillow in one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SANDBOX = Path(__file__).parents[2] / "sandbox"
FILES = sorted(SANDBOX.rglob("*.py"))
NO_PILLOW = "import sys; sys.modules['PIL'] = None; import sandbox"


def _order(graph: dict[str, set[str]]) -> list[str]:
    return list(TopologicalSorter(graph).static_order())


def _graph() -> dict[str, set[str]]:
    """Each module of the sandbox with those that it imports, for type checkers only too."""
    files = {".".join(path.relative_to(SANDBOX.parent).with_suffix("").parts): path for path in FILES}
    files = {name.removesuffix(".__init__"): path for name, path in files.items()}
    graph = {}
    for name, path in files.items():
        imports = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        named = {one.name for node in imports if isinstance(node, ast.Import) for one in node.names}
        for node in imports:
            if isinstance(node, ast.ImportFrom):
                # `from package import module` is an import of the module alone
                inner = {f"{node.module}.{one.name}" for one in node.names}
                named |= inner & files.keys() or {f"{node.module}"}
        graph[name] = named & files.keys()
    return graph


def test_no_module_imports_itself_through_others() -> None:
    """There is an order in which every module comes after those that it imports."""
    graph = _graph()

    assert set(_order(graph)) == graph.keys()
    assert "sandbox.upstream" in graph["sandbox.pixai.server"]
    with pytest.raises(CycleError):
        _order(graph | {"sandbox.control": {"sandbox.upstream"}})


def test_pillow_is_imported_in_one_module() -> None:
    """So that its absence shows in one place."""
    importing = [path.name for path in FILES if "PIL import" in path.read_text("utf-8")]

    assert importing == ["pillow.py"]


def test_without_pillow_the_error_says_what_to_install() -> None:
    """An ImportError, which whoever starts the sandbox can show."""
    catching = f"try: exec({NO_PILLOW!r})\nexcept ImportError as error: print(error.name, error, sep=': ')"

    ended = subprocess.run([sys.executable, "-c", catching], capture_output=True, text=True, check=True)

    assert ended.stdout == "PIL: Pillow is not installed; run `pip install pillow`\n"


def test_no_file_is_long() -> None:
    """300 lines at most."""
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in FILES}

    assert {name: count for name, count in lengths.items() if count > 300} == {}
