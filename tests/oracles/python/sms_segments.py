# Judges: into how many parts an SMS text goes, and where it is cut.
# Library: PyPI smsutil.
#
# in:  [{"text":"..."}]
# out: [{"ok":true,"encoding":"gsm7","parts":2,"lengths":[153,8],"units":[153,8],"texts":["...","..."]}]
#      encoding: gsm7 | ucs2; lengths: characters of each part; units: its septets (gsm7: extension
#      characters count 2) or UTF-16 units (ucs2)

import json
import sys

import smsutil


def judge(case):
    split = smsutil.split(case["text"])
    gsm = split.encoding == "gsm0338"
    return {
        "ok": True,
        "encoding": "gsm7" if gsm else "ucs2",
        "parts": len(split.parts),
        "lengths": [part.length for part in split.parts],
        "units": [part.bytes if gsm else part.bytes // 2 for part in split.parts],
        "texts": [part.content for part in split.parts],
    }


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
