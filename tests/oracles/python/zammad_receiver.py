# Takes: deliveries of Zammad's webhooks, as a program does that people really point them at.
# Library: PyPI zammad-pgp-import, its web application as it is, behind waitress. It imports PGP
# keys that are attached to mails, and asks Zammad or a key server only if there are any.
#
# A server: it lives until its stdin ends. The first line of stdout is {"url":"http://..."}, the
# address of the webhook. Basic authentication: the user "zammad", the password "passw0rd".

import json
import os
import sys
import threading

os.environ.update(
    ZAMMAD_BASE_URL="http://127.0.0.1:9",
    ZAMMAD_TOKEN="none",
    BASIC_AUTH_USER="zammad",
    BASIC_AUTH_PASSWORD="passw0rd",
)

import waitress
from zammad_pgp_import import app

server = waitress.create_server(app, host="127.0.0.1", port=0)
threading.Thread(target=server.run, daemon=True).start()
url = f"http://127.0.0.1:{server.effective_port}/api/zammad/pgp"
print(json.dumps({"url": url}), flush=True)
sys.stdin.read()
