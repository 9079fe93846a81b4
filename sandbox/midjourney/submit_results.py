"""midjourney-proxy's answer to whatever is not a read: a code, a description, a result."""

from __future__ import annotations

from sandbox.midjourney.records import Json, Task

SUCCESS, NOT_FOUND, INVALID, FAILURE = 1, 3, 4, 9
EXISTS, QUEUED, QUEUE_FULL, BANNED = 21, 22, 23, 24
INSTANCE = "1300842274347028519"
CONFIRM = "Waiting for window confirm"
DESCRIPTIONS = {
    NOT_FOUND: "无可用的账号实例",
    INVALID: "参数错误",
    FAILURE: "提交失败",
    QUEUE_FULL: "队列已满，请稍后尝试",
    BANNED: "可能包含敏感词",
}


def result(code: int, description: str, value: object = None, **properties: object) -> Json:
    """The four fields, always."""
    return {"code": code, "description": description, "result": value, "properties": properties}


def accepted(task: Task) -> Json:
    """A task has been started."""
    return result(SUCCESS, "提交成功", task.id, discordInstanceId=INSTANCE)


def queued(task: Task, ahead: int) -> Json:
    """Accepted too, after others. ahead: how many."""
    said = f"排队中，前面还有{ahead}个任务"
    return result(QUEUED, said, task.id, numberOfQueues=ahead, discordInstanceId=INSTANCE)


def exists(task: Task, image: str) -> Json:
    """The Java server makes one picture of a grid only once. image: its URL; "" before there is one."""
    return result(EXISTS, "任务已存在", task.id, status=task.status, imageUrl=image)


def confirmation(task: Task) -> Json:
    """The task waits for submit/modal."""
    return result(EXISTS, CONFIRM, task.id, finalPrompt=task.final_prompt, remix=True)


def invalid(description: str) -> Json:
    """A parameter is missing or wrong."""
    return result(INVALID, description)


def banned(prompt: str, word: str) -> Json:
    """The prompt contains a word that is not allowed. It has no result at all, not even null."""
    answer = result(BANNED, DESCRIPTIONS[BANNED], promptEn=prompt, bannedWord=word)
    return {name: value for name, value in answer.items() if name != "result"}


def refused(code: int, message: str) -> Json:
    """As a fault asks for it. message: "OK" stands for the usual description of the code."""
    return result(code, DESCRIPTIONS.get(code, message) if message == "OK" else message)
