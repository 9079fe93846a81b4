"""pixaipy, an unofficial client, on the sandbox: the account, a task made and awaited, its pictures."""

import json
import os
import tempfile
import urllib.request

from pixaipy import PixAI

ORIGIN = os.environ["TRIPTYCH_PIXAI_URL"]


class OnSandbox(PixAI):
    """The same client at another address."""

    API_URL = f"{ORIGIN}/graphql"
    REST_HOST = ORIGIN


def advance(_status: str, _task: dict) -> None:
    """Move the sandbox's clock."""
    body = json.dumps({"advance": 5}).encode()
    urllib.request.urlopen(
        urllib.request.Request(
            f"{ORIGIN}/_sandbox/clock", body, {"content-type": "application/json"}, method="POST"
        )
    )


client = OnSandbox(token=os.environ["TRIPTYCH_PIXAI_KEY"])
account = client.me()
assert account["email"], account
quota = client.quota()
task = client.create_generation_task("a kite", model_id="1648918127446573124", width=512, height=512)
assert task["priority"] is not None, task
done = client.wait_for_task(task["id"], interval=0.1, timeout=30, on_status=advance)
urls = client.task_media_urls(done)
assert len(urls) == 4, done
with tempfile.TemporaryDirectory() as folder:
    kept = client.download_file(urls[0], folder)
    assert kept is not None
    assert kept.stat().st_size > 1000
    print(f"{quota} credits; a task made, {len(urls)} pictures, one kept")
