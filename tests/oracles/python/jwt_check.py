# Judges: JSON Web Tokens (the webhook policies of Xurrent/4me/R-Service).
# Library: PyPI PyJWT with cryptography. It also checks exp, nbf, iat, and aud: a token with an
# aud is refused when the case names no audience.
#
# in:  [{"token":"...","algs":["RS256"],"key":<secret | public PEM | JWK>,"audience":"a"}]
#      (audience may be left out; key too, for algs ["none"])
# out: [{"ok":true,"claims":{...},"header":{...}}]
#      {"ok":false,"error":"InvalidSignatureError: ..."}

import json
import sys

import jwt

NO_SIGNATURE = {"verify_signature": False} | {
    f"verify_{claim}": True for claim in ("exp", "nbf", "iat", "aud", "sub", "jti")
}


def check(case, header):
    token, audience = case["token"], case.get("audience")
    if case["algs"] == ["none"]:  # PyJWT never counts "none" as verified: look at the form ourselves
        if header.get("alg") != "none" or not token.endswith("."):
            raise jwt.InvalidSignatureError("not an unsigned token")
        return jwt.decode(token, options=NO_SIGNATURE, audience=audience)
    key = case["key"]
    if isinstance(key, dict):
        key = jwt.PyJWK(key, algorithm=header.get("alg"))
    return jwt.decode(token, key, algorithms=case["algs"], audience=audience)


def judge(case):
    try:
        header = jwt.get_unverified_header(case["token"])
        return {"ok": True, "claims": check(case, header), "header": header}
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


json.dump([judge(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
