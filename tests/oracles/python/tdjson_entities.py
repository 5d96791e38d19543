# Judges: Telegram texts with markup: does Telegram take them, and what does a reader see?
# Library: PyPI tdjson = TDLib, Telegram's own client library, with its own parser (offline).
#
# in:  [{"text":"<b>a</b>","mode":"html"}, {"text":"*a*","mode":"markdown_v2"}]
# out: [{"ok":true,"text":"a","entities":[{"offset":0,"length":1,"type":"textEntityTypeBold"}]}]
#      offset and length in UTF-16 units; further fields as TDLib names them ("url", "language", ...)
#      {"ok":false,"error":"Can't parse entities: ..."}

import json
import sys

from tdjson import td_execute

MODES = {
    "html": {"@type": "textParseModeHTML"},
    "markdown_v2": {"@type": "textParseModeMarkdown", "version": 2},
}


def execute(request):
    return json.loads(td_execute(json.dumps(request).encode()))


def entity(found):
    kind = dict(found["type"])
    return {"offset": found["offset"], "length": found["length"], "type": kind.pop("@type")} | kind


def judge(case):
    mode = MODES[case["mode"]]
    answer = execute({"@type": "parseTextEntities", "text": case["text"], "parse_mode": mode})
    if answer["@type"] == "error":
        return {"ok": False, "error": answer["message"]}
    return {"ok": True, "text": answer["text"], "entities": [entity(e) for e in answer["entities"]]}


execute({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})
json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
