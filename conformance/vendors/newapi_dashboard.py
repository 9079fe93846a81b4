"""newapi-python on the sandbox: the account behind a dashboard token, its quota, its rows, a wrong token."""

import os

from newapi import APIError, NewAPI

ORIGIN = os.environ["TRIPTYCH_NEWAPI_URL"]
USER = int(os.environ["TRIPTYCH_NEWAPI_USER"])

with NewAPI(ORIGIN, access_token=os.environ["TRIPTYCH_NEWAPI_TOKEN"], user_id=USER) as client:
    user = client.me()
    assert user.id == USER, user
    balance = client.balance()
    rows = client.request("GET", "mj/self", params={"p": 1, "page_size": 5})
    assert len(rows["items"]) == 5, rows
refused = ""
try:
    NewAPI(ORIGIN, access_token="wrong", user_id=USER).me()
except APIError as refusal:
    refused = str(refusal)
assert "access token" in refused, refused
print(f"{user.username}: quota {balance.quota}, {rows['total']} rows; a wrong token is refused")
