"""The floor of a large look-up: request and answers parsed, the answer written, nothing else."""

from __future__ import annotations

import itertools
import time
from typing import Any

import orjson

from benchmarks import work
from benchmarks.dialects import PIXAI, TRIPTYCH
from benchmarks.stub.documents import Documents
from benchmarks.work import Work

CHUNK = 25  # ids a document, as everywhere in this comparison
_FIELDS = ("id", "width", "height", "urls")


def cpu(row: Work, runs: int = 5) -> float:
    """Seconds of CPU for one request of mediaById, the least of the runs."""
    request, answers = material(row)
    taken = []
    for _ in range(runs):
        begun = time.process_time()
        answered(request, answers)
        taken.append(time.process_time() - begun)
    return min(taken)


def material(row: Work) -> tuple[bytes, list[bytes]]:
    """The request's body, and what the stub answers to the documents that it takes."""
    body = TRIPTYCH.body(row)
    assert body is not None, "Triptych can be asked everything"
    keys = list(itertools.islice(work.ids(0), row.size))
    chunk = Work(name="", kind="aliases", size=CHUNK)
    text = PIXAI.body(chunk)
    assert text is not None, "and PixAI for aliases"
    documents, answers = Documents(), []
    for start in range(0, row.size, CHUNK):
        asked = orjson.loads(work.filled(text, iter(keys[start : start + CHUNK])))
        answers.append(documents.answer(asked["query"], asked["variables"])[1].encode())
    return work.filled(body, iter(keys)), answers


def answered(request: bytes, answers: list[bytes]) -> bytes:
    """The graph's answer, by the shortest way there is in Python."""
    asked = orjson.loads(request)
    found: list[Any] = []
    for answer in answers:
        found += orjson.loads(answer)["data"].values()
    assert len(found) == len(asked["variables"]["ids"]), "an answer an id"
    media = [{name: one[name] for name in _FIELDS} for one in found]
    return orjson.dumps({"data": {"mediaById": media}})
