# Judges: that a proxy understands what we ask of it.
# Library: PyPI proxy.py.
#
# Not a list script: it runs until stdin ends.
# in:  {"username":"desk","password":"s"}           once; null: the proxy wants neither
# out: {"url":"http://127.0.0.1:40123"}             once, when the proxy listens

import json
import sys

import proxy

wanted = json.loads(sys.stdin.readline())
flags = ["--hostname=127.0.0.1", "--port=0", "--num-workers=1", "--num-acceptors=1"]
flags += ["--log-level=w"]
if wanted:
    flags += ["--basic-auth={username}:{password}".format(**wanted)]
with proxy.Proxy(flags) as server:
    print(json.dumps({"url": f"http://127.0.0.1:{server.flags.port}"}), flush=True)
    sys.stdin.read()
