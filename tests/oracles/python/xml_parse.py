# Judges: that XML bytes are well formed, and what a reader finds in them.
# Library: PyPI lxml (libxml2). Entities are not expanded, nothing is fetched.
#
# in:  [{"body":"<base64>"}]
# out: [{"ok":true,"root":"reply","texts":{"reply/code":["0"],"reply/@id":["7"]}}]
#      texts: path -> its values in document order; elements with text or without children, and
#      attributes; a namespace is written as lxml does, {uri}name
#      {"ok":false,"error":"..."}

import base64
import json
import sys

from lxml import etree


def path(element):
    tags = [element.tag] + [above.tag for above in element.iterancestors()]
    return "/".join(reversed(tags))


def texts(root):
    found = {}
    for element in root.iter(etree.Element):
        text = "".join(element.xpath("text()"))
        if text.strip() or len(element) == 0:
            found.setdefault(path(element), []).append(text)
        for name, value in element.attrib.items():
            found.setdefault(f"{path(element)}/@{name}", []).append(value)
    return found


def judge(case):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(base64.b64decode(case["body"]), parser)
    except etree.XMLSyntaxError as error:
        return {"ok": False, "error": str(error)}
    return {"ok": True, "root": root.tag, "texts": texts(root)}


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
