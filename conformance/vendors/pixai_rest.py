"""pixai-openapi on the sandbox: pictures ordered, their ids read, and one of them saved."""

import contextlib
import io
import json
import os
import tempfile
import urllib.request
from pathlib import Path

import pixai_openapi

ORIGIN = os.environ["TRIPTYCH_PIXAI_URL"]
pixai_openapi._url = f"{ORIGIN}/graphql"  # its address is a constant
pixai_openapi.define_apikey(os.environ["TRIPTYCH_PIXAI_KEY"])
PARAMETERS = {
    "prompts": "a kite",
    "modelId": "1648918127446573124",
    "width": 512,
    "height": 512,
    "batchSize": 2,
}


def main() -> None:
    """It prints every answer, which the check does not."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        ordered = pixai_openapi.gen_pic(PARAMETERS)
        assert ordered["data"]["createGenerationTask"]["id"], printed.getvalue()
        body = json.dumps({"advance": 60}).encode()
        headers = {"content-type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{ORIGIN}/_sandbox/clock", body, headers))
        ids = pixai_openapi.get_pic_mediaid(ordered)
        assert len(ids) == 2, printed.getvalue()
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            pixai_openapi.get_pic(ids[0])
            (kept,) = Path().iterdir()
            size = kept.stat().st_size
            assert size > 1000, printed.getvalue()
    print(f"{len(ids)} pictures ordered, one of {size} bytes saved")


main()
