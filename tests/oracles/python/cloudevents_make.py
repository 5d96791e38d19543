# Makes and judges: CloudEvents over HTTP, structured and binary mode.
# Library: PyPI cloudevents. It tells the two modes apart by the ce- headers alone, so a test has
# to look at the structured content type (application/cloudevents+json) itself.
#
# in:  [{"mode":"structured","attributes":{"id":"1","source":"/s","type":"t","time":"..."},"data":...},
#       {"mode":"binary", ... the same; "data_base64" in place of "data" for bytes},
#       {"mode":"parse","headers":{"content-type":"..."},"body":"<base64>"}]
# out: [{"ok":true,"headers":{...},"body":"<base64>"},
#       {"ok":true,"headers":{...},"body":"<base64>"},
#       {"ok":true,"attributes":{...},"data":...}]   ("data_base64" in place of "data" for bytes)
#      a time comes back with no fraction or six digits of it: compare the moment, not the text
#      {"ok":false,"error":"..."}

import base64
import json
import sys
from datetime import datetime

from cloudevents.core.bindings import http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from dateutil.parser import isoparse

REQUIRED = {"id", "source", "specversion", "type"}
MAKERS = {"structured": http.to_structured_event, "binary": http.to_binary_event}


def make(case):
    attributes = dict(case["attributes"])
    if "time" in attributes:
        attributes["time"] = isoparse(attributes["time"])
    data = case.get("data")
    if "data_base64" in case:
        data = base64.b64decode(case["data_base64"])
    message = MAKERS[case["mode"]](CloudEvent(attributes=attributes, data=data))
    return {"headers": message.headers, "body": base64.b64encode(message.body).decode()}


def parse(case):
    sent = {}

    def event_as_sent(attributes, data):  # the library would invent a missing id, time, specversion
        if missing := REQUIRED - attributes.keys():
            raise ValueError(f"missing attributes: {sorted(missing)}")
        sent.update(attributes)
        return CloudEvent(attributes, data)

    message = http.HTTPMessage(case["headers"], base64.b64decode(case["body"]))
    data = http.from_http(message, JSONFormat(), event_as_sent).get_data()
    attributes = {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for name, value in sent.items()
    }
    if isinstance(data, bytes):
        return {"attributes": attributes, "data_base64": base64.b64encode(data).decode()}
    return {"attributes": attributes, "data": data}


def judge(case):
    run = {"structured": make, "binary": make, "parse": parse}[case["mode"]]
    try:
        return {"ok": True} | run(case)
    except Exception as error:  # the library raises plain ValueError, KeyError and its own classes
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
