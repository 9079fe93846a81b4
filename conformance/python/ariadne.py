"""ariadne-codegen: a client written from the running server's introspection, which then asks it."""

import asyncio
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
GENERATED = HERE / "__generated__"
QUERIES = """
query page($first: Int, $filter: TaskFilter) {
  tasks(first: $first, filter: $filter) {
    edges { node { id status createdAt seeds { value } } }
    pageInfo { hasNextPage }
  }
}
query task($id: ID!) { task(id: $id) { id status media { id url(variant: THUMBNAIL) } } }
"""
SETTINGS = f"""
[tool.ariadne-codegen]
remote_schema_url = "{os.environ["GRAPH"]}"
queries_path = "queries.graphql"
target_package_name = "graph"
[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"
[tool.ariadne-codegen.scalars.BigInt]
type = "int"
"""


def generate() -> None:
    """The package `graph`, importable from then on."""
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir()
    (GENERATED / "queries.graphql").write_text(QUERIES)
    (GENERATED / "pyproject.toml").write_text(SETTINGS)
    subprocess.run([Path(sys.executable).with_name("ariadne-codegen")], cwd=GENERATED, check=True)
    sys.path.insert(0, str(GENERATED))


async def main() -> None:
    """Import it, and ask."""
    graph = importlib.import_module("graph")
    async with graph.Client(url=os.environ["GRAPH"]) as client:
        status = graph.TaskStatus.SUCCEEDED
        page = await client.page(first=3, filter_=graph.TaskFilter(statuses=[status]))
        task = await client.task(id="task:pixai:1749903535747486198")
    assert [edge.node.status for edge in page.tasks.edges] == [status] * 3
    assert page.tasks.edges[0].node.created_at.tzinfo is not None
    assert len(task.task.media) == 4
    print("generated; a page of 3 tasks and one task with 4 pictures")


generate()
asyncio.run(main())
