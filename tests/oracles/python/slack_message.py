# Judges: messages with attachments as incoming webhooks of Slack take them.
# Library: PyPI slack-sdk. Its classes know the fields there are and check colours, what
# `mrkdwn_in` names, and which fields need others; they do not read the text.
#
# in:  [{"text":"...","mrkdwn":true,"attachments":[{"text":"...","color":"#faabab", ...}]}]
# out: [{"ok":true,"message":{...}}]   message: as slack-sdk itself would send it
#      {"ok":false,"error":"..."}

import json
import os
import sys

os.environ["SLACKCLIENT_SKIP_DEPRECATION"] = "1"

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.attachments import Attachment
from slack_sdk.models.messages.message import Message


def judge(case):
    try:
        attachments = []
        for attachment in case.pop("attachments", []):
            attachment["markdown_in"] = attachment.pop("mrkdwn_in", None)
            attachments.append(Attachment(**attachment))
        message = Message(attachments=attachments, markdown=case.pop("mrkdwn", True), **case)
        return {"ok": True, "message": message.to_dict()}
    except (SlackObjectFormationError, TypeError) as error:
        return {"ok": False, "error": str(error)}


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
