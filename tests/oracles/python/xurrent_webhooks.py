"""The Webhooks API through the client of the PyPI package `xurrent`, made for the product itself.

Reads a list of cases from the standard input; writes what came back, or the error, for each.
"""

import json
import logging
import sys

import requests
from xurrent.core import XurrentApiHelper


def helper(case):
    quiet = logging.getLogger("xurrent-oracle")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    return XurrentApiHelper(
        case["url"], api_key=case["token"], api_account="wdc", resolve_user=False, logger=quiet
    )


def judge(case):
    api = helper(case)
    uri = case["uri"]
    if "filter" in case:
        uri = f"{uri}?{api.create_filter_string(case['filter'])}"
    try:
        answer = api.api_call(
            uri, case.get("method", "GET"), case.get("data"), case.get("per_page", 100)
        )
        return {"answer": answer}
    except requests.exceptions.HTTPError as error:
        return {"status": error.response.status_code, "message": error.response.json()["message"]}


print(json.dumps([judge(case) for case in json.load(sys.stdin)]))
