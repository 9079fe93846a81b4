"""`/`: the page of our own."""

from __future__ import annotations

import json
import re

from server.example import EXAMPLE, TASK
from server.page import FILE
from tests.conftest import Client
from tests.watch.watching import events


async def test_it_is_served_under_a_strict_policy(graph: Client) -> None:
    """Its one script and one style by their digests, its data from here, and no frame around it."""
    async with graph.session.get(f"{graph.origin}/") as response:
        policy = response.headers["Content-Security-Policy"].split("; ")
        html = await response.text()
        assert (response.status, response.content_type) == (200, "text/html")

    directives = {name: rest for name, _, rest in (one.partition(" ") for one in policy)}
    digests = [directives.pop("script-src"), directives.pop("style-src")]
    assert all(re.fullmatch(r"'sha256-[\w+/=]{44}'", digest) for digest in digests)
    assert directives == {
        "default-src": "'none'",
        "img-src": "'self' http: https: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert (html.count("<script"), html.count("<style"), html.count("style=")) == (1, 1, 0)


async def test_the_example_is_in_it(graph: Client) -> None:
    """As JSON that ends no script."""
    async with graph.session.get(f"{graph.origin}/") as response:
        found = re.search(r"const example = (.*);", await response.text())

    assert found is not None
    assert json.loads(found[1]) == {"query": EXAMPLE, "task": TASK}


def test_nothing_comes_from_elsewhere() -> None:
    """No address of another host; the SVG namespace is a name, not an address."""
    text = FILE.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.]+", text) == []


async def test_its_queries_are_the_graphs(graph: Client) -> None:
    """Each document in the script validates; the sandbox answers each query without an error."""
    text = FILE.read_text(encoding="utf-8")
    fields = re.search(r'const TASK_FIELDS = "(.*)";', text)
    assert fields is not None
    documents = {
        name: query.replace("${TASK_FIELDS}", fields[1])
        for name, query in re.findall(r'const (PROVIDERS|RECENT|WATCH|ONE) = ["`](.*)["`];', text)
    }
    updates = documents.pop("WATCH")

    async with events(graph, [TASK], updates) as stream:
        (update,) = [payload["data"]["tasksUpdated"] async for payload in stream]
    assert (update["taskId"], update["error"], update["task"]["status"]) == (TASK, None, "SUCCEEDED")

    answers = {name: await graph.ask(query, id=TASK) for name, query in documents.items()}

    assert sorted(answers) == ["ONE", "PROVIDERS", "RECENT"]
    assert not any("errors" in answer for answer in answers.values())
    assert len(answers["ONE"]["data"]["task"]["media"]) > 1
