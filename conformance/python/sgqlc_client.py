"""sgqlc: classes written from the printed introspection, and a query made of them."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.operation import Operation

GENERATED = Path(__file__).parent / "__generated_sgqlc__"

shutil.rmtree(GENERATED, ignore_errors=True)
GENERATED.mkdir()
introspection = GENERATED / "schema.json"
introspection.write_bytes(subprocess.check_output([os.environ["TRIPTYCH"], "schema", "--plain", "--json"]))
codegen = Path(sys.executable).with_name("sgqlc-codegen")
subprocess.run([codegen, "schema", introspection, GENERATED / "triptych_graph.py"], check=True)
sys.path.insert(0, str(GENERATED))
graph = importlib.import_module("triptych_graph")

operation = Operation(graph.Query, name="page")
tasks = operation.tasks(first=3)
tasks.nodes.id()
tasks.nodes.status()
tasks.nodes.media.id()
answer = HTTPEndpoint(os.environ["GRAPH"])(operation)
assert "errors" not in answer, answer
found = (operation + answer).tasks.nodes
assert len(found) == 3, answer
assert all(task.id.startswith("task:") for task in found)
print(f"generated; a page of {len(found)} tasks")
