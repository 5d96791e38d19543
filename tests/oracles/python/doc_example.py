# Runs: the examples of the documentation, each a module with `verify(headers, body, key)`.
#
# in:  [{"module":"/absolute/path.py","headers":{"name":"value"},"body":"<base64>","key":"..."}]
# out: [{"ok":true,"value":...}]   (what the example returns; null for nothing)
#      {"ok":false,"error":"..."}   (what it raises)

import base64
import importlib.util
import json
import sys


def load(path):
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judge(case):
    example = load(case["module"])
    try:
        value = example.verify(case["headers"], base64.b64decode(case["body"]), case["key"])
        return {"ok": True, "value": value}
    except Exception as error:  # each library has its own classes
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
