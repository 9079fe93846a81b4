"""mesh-toolkit's own HTTP client on the sandbox: the balance, a picture made, the list, a refusal."""

import json
import os
import tempfile
import urllib.request
from pathlib import Path

from mesh_toolkit import base

ORIGIN = os.environ["TRIPTYCH_MESHY_URL"]
base.BASE_URL = ORIGIN  # its address is a constant
os.environ["MESHY_API_KEY"] = os.environ["TRIPTYCH_MESHY_KEY"]
base._min_request_interval = 0

balance = base.request("GET", "balance", version="v1").json()["balance"]
given = {"ai_model": "nano-banana", "prompt": "a kite", "reference_image_urls": ["https://example.com/a.png"]}
task = base.request("POST", "image-to-image", version="v1", json=given).json()["result"]
body = json.dumps({"advance": 60}).encode()
headers = {"content-type": "application/json"}
urllib.request.urlopen(urllib.request.Request(f"{ORIGIN}/_sandbox/clock", body, headers))
done = base.request("GET", f"image-to-image/{task}", version="v1").json()
assert done["status"] == "SUCCEEDED", done
listed = base.request(
    "GET", "image-to-image", version="v1", params={"page_size": 3, "sort_by": "-created_at"}
).json()
assert task in [one["id"] for one in listed], listed
with tempfile.TemporaryDirectory() as folder:
    size = base.download(done["image_urls"][0], str(Path(folder) / "kite.png"))
    assert size > 1000, size
refused = None
try:
    base.request("GET", "image-to-image/nothing", version="v1")
except base.MeshyAPIError as refusal:
    refused = refusal.status_code
assert refused == 404, refused
print(f"{balance} credits; a picture of {size} bytes made and found in the list")
