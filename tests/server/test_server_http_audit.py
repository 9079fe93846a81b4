"""The rules of graphql-http's audit of GraphQL over HTTP, by its ids."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import Client

JSON = "application/json"
NEWER = "application/graphql-response+json"
NAME = "{ __typename }"
QUERY = "query ($n: Int) { tasks(first: $n) { pageInfo { hasNextPage } } }"
TYPE = "query ($n: String!) { __type(name: $n) { name } }"
WRONG_TYPES: tuple[Any, ...] = ({"a": "b"}, 7, True, ["array"])

# ids, the fields of a POST, its status in plain JSON and in the newer media type
POSTS: list[tuple[str, dict[str, Any], int, int]] = [
    ("2C94 03D4 13EE 34A2", {"query": NAME}, 200, 200),
    ("B8B3 8161", {"query": "query N { __typename }", "operationName": "N"}, 200, 200),
    ("0220 94B0", {"query": NAME, "variables": None}, 200, 200),
    ("0221 94B1", {"query": NAME, "operationName": None}, 200, 200),
    ("0222 94B2", {"query": NAME, "extensions": None}, 200, 200),
    (
        "28B9 2EA1",
        {"query": TYPE, "variables": {"n": "é"}},
        200,
        200,
    ),
    ("1B7A 428F", {"query": NAME, "extensions": {"some": "value"}}, 200, 200),
    ("423L", {"notquery": NAME}, 400, 400),
    *(("LKJ", {"query": wrong}, 400, 400) for wrong in WRONG_TYPES),
    *(("6C0", {"query": NAME, "operationName": wrong}, 400, 400) for wrong in WRONG_TYPES),
    *(("476", {"query": NAME, "variables": wrong}, 400, 400) for wrong in ("a", 7, True, ["array"])),
    *(("58B", {"query": NAME, "extensions": wrong}, 400, 400) for wrong in ("a", 7, True, ["array"])),
    ("572B 865D 556A D586", {"query": "{"}, 200, 400),
    ("FDE2 51FE 74FF 5E5B", {"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}, 200, 400),
    ("7B9B 86EE", {"query": QUERY, "variables": {"n": "x"}}, 200, 400),
]


async def test_a_post_is_answered_as_the_audit_expects(graph: Client) -> None:
    """In the type that was asked for, in UTF-8; without data where it was not executed."""
    found, expected = [], []
    for ids, fields, plain, newer in POSTS:
        for accept, status in (JSON, plain), (NEWER, newer):
            headers = {"Accept": accept, "Content-Type": JSON}
            body = json.dumps(fields, ensure_ascii=False).encode()
            async with graph.session.post(f"{graph.origin}/graphql", data=body, headers=headers) as response:
                answer = json.loads((await response.read()).decode("utf-8"))
                found.append((ids, accept, response.status, response.content_type, "data" in answer))
            is_executed = ids[:4] in {"2C94", "B8B3", "0220", "0221", "0222", "28B9", "1B7A"}
            expected.append((ids, accept, status, accept, is_executed))

    assert found == expected


async def test_a_body_is_read_as_the_audit_expects(graph: Client) -> None:
    """BF61, 78D5: UTF-8, whether or not it says so; 9ABE: no other type; BCF8, B7N8, A5BF, B6DC: 400."""
    good = json.dumps({"query": "{ __typename # é\n}"}, ensure_ascii=False).encode()
    found = []
    for body, kind in [
        (good, f"{JSON}; charset=utf-8"),
        (good, JSON),
        (good, "text/plain"),
        (b'{ "not a JSON', JSON),
        (b"", JSON),
    ]:
        headers = {"Content-Type": kind}
        async with graph.session.post(f"{graph.origin}/graphql", data=body, headers=headers) as response:
            found.append(response.status)

    assert found == [200, 200, 415, 400, 400]


async def test_a_get_is_answered_as_the_audit_expects(graph: Client) -> None:
    """5A70, D6D5, 6A70: parameters of a URL; 9C48: no mutations; 47DE, 80D8, 22EB, 4655: its type."""
    variables = json.dumps({"n": "Task"})
    found = []
    for params, accept in [
        ({"query": NAME}, None),
        ({"query": NAME}, "*/*"),
        ({"query": NAME}, NEWER),
        ({"query": TYPE, "variables": variables}, JSON),
        ({"query": TYPE, "variables": variables}, NEWER),
        ({"query": 'mutation { deleteTask(id: "x") }'}, JSON),
    ]:
        headers = {} if accept is None else {"Accept": accept}
        async with graph.session.get(f"{graph.origin}/graphql", params=params, headers=headers) as response:
            found.append((response.status, response.content_type))

    assert found == [(200, JSON), (200, JSON), (200, NEWER), (200, JSON), (200, NEWER), (405, JSON)]
