# Makes: JSON Web Tokens as another implementation writes them.
# Library: PyPI PyJWT with cryptography.
#
# in:  [{"alg":"RS256","claims":{...},"headers":{"kid":"k1"},"key":"<secret or private PEM>"}]
#      alg: none, HS256/384/512, RS256/384/512, ES256/384/512; headers and key may be left out
#      (a missing key is generated)
# out: [{"ok":true,"token":"...","public_pem":"...","public_jwk":{...}}]
#      HS*: "key" (the secret) in place of the public keys; none: only the token
#      {"ok":false,"error":"..."}

import json
import secrets
import sys

import jwt
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


def private_key(alg, given):
    if given:
        return pem.load_pem_private_key(given.encode(), None)
    if alg in CURVES:
        return ec.generate_private_key(CURVES[alg]())
    return rsa.generate_private_key(65537, 2048)


def make(case):
    alg, headers = case["alg"], case.get("headers", {})

    def token(key):
        return jwt.encode(case["claims"], key, algorithm=alg, headers=headers)

    if alg == "none":
        return {"token": token(None)}
    if alg.startswith("HS"):
        secret = case.get("key") or secrets.token_hex(64)
        return {"token": token(secret), "key": secret}
    private = private_key(alg, case.get("key"))
    public = private.public_key()
    jwk = jwt.get_algorithm_by_name(alg).to_jwk(public, as_dict=True) | {"alg": alg, "use": "sig"}
    if "kid" in headers:
        jwk["kid"] = headers["kid"]
    text = public.public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    return {"token": token(private), "public_pem": text.decode(), "public_jwk": jwk}


def answer(case):
    try:
        return {"ok": True} | make(case)
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


json.dump([answer(case) for case in json.load(sys.stdin.buffer)], sys.stdout)
