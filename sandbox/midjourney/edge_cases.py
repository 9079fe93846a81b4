"""Every unusual value that either Midjourney server can send: `TASKS` maps its description to its id."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from sandbox.midjourney import prompts
from sandbox.midjourney.factory import failed, make, refused, running
from sandbox.midjourney.records import Json, Seeding, Task, queued

Change = Callable[[Task], Task]

START = 1_720_602_000_000  # 2024-07-10T09:00:00Z, epoch ms
EVERY = 5 * 3_600_000  # ms between two of them
BROKEN = '[{"url": "https://'
ODD_ID = "odd/ id?#%é&"
OTHER = 12  # another user of new-api


def record(**changes: Any) -> Change:
    """Fields of the record changed, for both servers."""
    return lambda task: replace(task, **changes)


def row(**values: Any) -> Change:
    """Values in new-api's row only."""
    return lambda task: replace(task, in_row=values)


def proxy(**values: Any) -> Change:
    """Values in midjourney-proxy's object only."""
    return lambda task: replace(task, in_task=values)


def both(values: dict[str, Any], in_task: dict[str, Any]) -> Change:
    """Values in the row, and others in the object."""
    return lambda task: replace(task, in_row=values, in_task=in_task)


def status(value: str, *, results: bool = False) -> Change:
    """A status that no document lists; results: whether there is a picture."""
    return lambda task: replace(task if results else failed(task, ""), status=value)


def at(progress: str | None, *, preview: bool = False) -> Change:
    """Running forever at this progress."""
    return lambda task: running(task, progress, preview=preview)


def seeding(how: Seeding, **changes: Any) -> Change:
    """What image-seed answers."""
    return lambda task: replace(task, seeding=how, **changes)


def with_prompt(text: str, **changes: Any) -> Change:
    """The prompt and what Midjourney made of it."""
    return lambda task: replace(task, prompt=text, final_prompt=text, **changes)


def modal(task: Task) -> Task:
    """Waiting forever for a person's confirmation, before it starts."""
    return replace(queued(task), status="MODAL", description="Waiting for window confirm", code=21)


def as_strings(usual: Json) -> str:
    """`[{"url": "a"}]` -> `["a"]`, as the JSON text of a row."""
    videos: list[Json] = json.loads(usual["video_urls"])
    return json.dumps([one["url"] for one in videos])


# name -> (action, what is changed about an ordinary task)
CHANGES: dict[str, tuple[str, Change]] = {
    "status empty in the row": ("IMAGINE", lambda t: replace(queued(t), in_row={"status": ""})),
    "status null in the object": ("IMAGINE", lambda t: replace(queued(t), in_task={"status": None})),
    "NOT_START": ("IMAGINE", queued),
    "SUBMITTED": ("IMAGINE", lambda t: replace(queued(t), status="SUBMITTED", progress="0%")),
    "IN_PROGRESS with a preview": ("IMAGINE", at("46%", preview=True)),
    "IN_PROGRESS without a preview": ("IMAGINE", at("0%")),
    "MODAL": ("INPAINT", modal),
    "CANCEL": ("IMAGINE", lambda t: replace(failed(t, ""), status="CANCEL", description="取消任务")),
    "FAILURE": ("IMAGINE", lambda t: failed(t, "Invalid parameter: `--ar 0:0`")),
    "FAILURE without a reason": ("IMAGINE", lambda t: failed(t, "")),
    "FAILURE with null times": ("UPSCALE", lambda t: replace(failed(t, "timeout"), start=0, finish=0)),
    "status success": ("IMAGINE", status("success", results=True)),
    "status Failed": ("IMAGINE", status("Failed")),
    "status CANCELLED": ("IMAGINE", status("CANCELLED")),
    "status paused": ("IMAGINE", status("PAUSED")),
    "progress null": ("IMAGINE", at(None)),
    "progress empty": ("IMAGINE", at("")),
    "progress Waiting": ("IMAGINE", at("Waiting to start")),
    "progress without a percent sign": ("IMAGINE", at("64", preview=True)),
    "progress a number": (
        "IMAGINE",
        lambda t: replace(running(t, "31%", preview=False), in_task={"progress": 31}),
    ),
    "progress 12.5%": ("IMAGINE", at("12.5%")),
    "progress over 100": ("IMAGINE", at("150%", preview=True)),
    "progress below 0": ("IMAGINE", at("-3%")),
    "progress text around a number": ("IMAGINE", at("(88%) relaxed", preview=True)),
    "start and finish in seconds": (
        "IMAGINE",
        lambda t: replace(t, in_row={"start_time": t.start // 1000, "finish_time": t.finish // 1000}),
    ),
    "start and finish unset though SUCCESS": ("IMAGINE", record(start=0, finish=0)),
    "submit unset": ("IMAGINE", lambda t: replace(t, listed=False, in_task={"submitTime": None})),
    "times 0 in the object": (
        "IMAGINE",
        lambda t: replace(queued(t), in_task={"startTime": 0, "finishTime": 0}),
    ),
    "imageUrl null though SUCCESS": ("IMAGINE", record(art=None)),
    "imageUrl empty though SUCCESS": ("IMAGINE", proxy(imageUrl="", imageUrls=[])),
    "file gone": ("IMAGINE", lambda t: replace(t, art=t.art and replace(t.art, gone=True))),
    "imageUrls": ("IMAGINE", lambda t: replace(t, art=t.art and replace(t.art, singles=True))),
    "imageUrls null": ("IMAGINE", proxy(imageUrls=None)),
    "buttons empty": ("IMAGINE", record(buttons=())),
    "buttons null": ("IMAGINE", both({"buttons": "null"}, {"buttons": None})),
    "buttons broken": ("IMAGINE", row(buttons='[{"customId": "MJ::JOB')),
    "buttons with empty texts": (
        "IMAGINE",
        record(buttons=({"customId": "", "emoji": "", "label": "", "type": 2, "style": 2},)),
    ),
    "properties null": ("IMAGINE", both({"properties": "null"}, {"properties": None})),
    "properties {}": ("IMAGINE", both({"properties": "{}"}, {"properties": {}})),
    "properties empty": ("IMAGINE", row(properties="")),
    "properties broken": ("IMAGINE", row(properties='{"finalPrompt": ')),
    "properties an array": ("IMAGINE", row(properties="[]")),
    "video_urls objects": ("VIDEO", record()),
    "video_urls strings": ("VIDEO", row(video_urls=as_strings)),
    "video_urls empty": ("VIDEO", row(video_urls="")),
    "video_urls []": ("VIDEO", row(video_urls="[]")),
    "video_urls null": ("VIDEO", both({"video_urls": "null"}, {"videoUrls": None})),
    "video_urls broken": ("VIDEO", row(video_urls=BROKEN)),
    "video_url empty": ("VIDEO", both({"video_url": ""}, {"videoUrl": None})),
    "no video though SUCCESS": (
        "VIDEO",
        both({"video_url": "", "video_urls": ""}, {"videoUrl": None, "videoUrls": []}),
    ),
    "VIDEO_EXTEND": ("VIDEO_EXTEND", record()),
    "DESCRIBE": ("DESCRIBE", record()),
    "SHORTEN": ("SHORTEN", record()),
    "BLEND": ("BLEND", record(prompt="", final_prompt="")),
    "EDITS": ("EDITS", record()),
    "action unknown": ("HOLOGRAM", record()),
    "action null": ("IMAGINE", both({"action": ""}, {"action": None})),
    "code 22": ("IMAGINE", record(code=22, description="In queue, there are 3 tasks ahead")),
    "code 21": ("UPSCALE", record(code=21, description="Task already exists")),
    "quota over 31 bits": ("VIDEO", record(quota=3_000_000_000)),
    "quota 0": ("IMAGINE", record(quota=0)),
    "state": ("IMAGINE", record(state='{"page": "postcards", "item": 12}')),
    "prompt with odd text": (
        "IMAGINE",
        with_prompt('“quotes" }\n\ttabs \\ 海辺の灯台 🦊 </script> ' + "very " * 400 + "--v 6.1"),
    ),
    "texts null": (
        "UPSCALE",
        lambda t: replace(
            t,
            prompt="",
            final_prompt="",
            description="",
            in_task=dict.fromkeys(("prompt", "promptEn", "description", "state", "failReason")),
        ),
    ),
    "prompt translated": (
        "IMAGINE",
        with_prompt("a paper crane on snow --v 6.1", in_row={"prompt": "雪上的纸鹤"}),
    ),
    "odd id": ("IMAGINE", record(id=ODD_ID)),
    "seed text": ("IMAGINE", seeding("text", seed="1234567890")),
    "seed number": ("IMAGINE", seeding("number", seed="1320098173")),
    "seed over 31 bits": ("IMAGINE", seeding("text", seed="4294967295")),
    "seed number over 64 bits": ("IMAGINE", seeding("number", seed="123456789012345678901234567890")),
    "seed no digits": ("IMAGINE", seeding("text", seed="not available")),
    "seed 0": ("IMAGINE", seeding("text", seed="0")),
    "seed empty": ("IMAGINE", seeding("empty")),
    "seed missing": ("IMAGINE", seeding("missing")),
    "seed failed": ("IMAGINE", seeding("failed", in_task={"seedError": "Request timeout"})),
    "seed slow": ("IMAGINE", seeding("text", seed="31415926", seed_delay=0.2)),
    "seed as a task object": ("IMAGINE", seeding("task")),
    "seed on the task": ("IMAGINE", seeding("task", seed="2718281828", seed_known=True)),
    "seed on the task as a number": ("IMAGINE", seeding("task", in_task={"seed": 2718281829})),
    "seed in the prompt": (
        "IMAGINE",
        with_prompt("a glass heron --seed 20240711 --v 6.1", seed="20240711", seeding="task"),
    ),
    "seed in the properties": (
        "IMAGINE",
        seeding("task", in_task={"properties": {"finalPrompt": "a glass heron --v 6.1", "seed": "16180339"}}),
    ),
    "row only": ("IMAGINE", record(proxied=False)),
    "object only": ("IMAGINE", record(listed=False)),
    "another user's": ("IMAGINE", record(user=OTHER)),
    "another channel's": ("IMAGINE", record(channel=9)),
    "refused, banned": ("IMAGINE", lambda t: refused(t, 24, "可能包含敏感词")),
    "refused, queue full": ("IMAGINE", lambda t: refused(t, 23, "队列已满，请稍后尝试")),
    "refused, no account": ("IMAGINE", lambda t: refused(t, 3, "无可用的账号实例")),
}
REFUSED = tuple(name for name in CHANGES if name.startswith("refused"))


@cache
def edge_cases() -> dict[str, Task]:
    """The same every time. The three refused submits share one instant."""
    rng = Random(1730621826053455)
    made: dict[str, Task] = {}
    for index, (name, (action, change)) in enumerate(CHANGES.items()):
        late = min(index, len(CHANGES) - len(REFUSED))
        made[name] = change(_unseeded(make(rng, START + late * EVERY, index, action)))
    return made


def _unseeded(task: Task) -> Task:
    """Without the `--seed` that some prompts carry: the edge case decides where the seed stands."""
    prompt, final = (prompts.without_seed(text) for text in (task.prompt, task.final_prompt))
    return replace(task, prompt=prompt, final_prompt=final)


TASKS = {name: task.id for name, task in edge_cases().items() if task.id}
