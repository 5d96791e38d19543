# Judges: the webhook-id, webhook-timestamp and webhook-signature headers (Standard Webhooks).
# Library: PyPI standardwebhooks. It refuses timestamps more than 5 minutes away from now and
# bodies that are not UTF-8. Its base64 decoder is lenient (secrets, spare bits at the end of a
# signature): for strict forms ask node/standard_webhooks.mjs.
#
# in:  [{"mode":"verify","secret":"whsec_...","body":"<base64>",
#        "headers":{"webhook-id":"...","webhook-timestamp":"...","webhook-signature":"v1,..."}},
#       {"mode":"sign","secret":"whsec_...","body":"<base64>","id":"msg_1","timestamp":1614265330}]
#      (timestamp: Unix seconds, now if left out)
# out: [{"ok":true}, {"ok":true,"headers":{"webhook-id":"...", ...}}]
#      {"ok":false,"error":"..."}

import base64
import json
import sys
import time
from datetime import datetime, timezone

from standardwebhooks import Webhook


def sign(case, webhook, body):
    seconds = case.get("timestamp", int(time.time()))
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return {
        "webhook-id": case["id"],
        "webhook-timestamp": str(seconds),
        "webhook-signature": webhook.sign(case["id"], moment, body.decode()),
    }


def judge(case):
    mode, body = case["mode"], base64.b64decode(case["body"])
    if mode not in ("sign", "verify"):
        raise ValueError(f"unknown mode {mode}")
    try:
        webhook = Webhook(case["secret"])
        if mode == "sign":
            return {"ok": True, "headers": sign(case, webhook, body)}
        webhook.verify(body, case["headers"], json_parse=False)
        return {"ok": True}
    except Exception as error:  # the library also lets errors of base64 and str.split through
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
