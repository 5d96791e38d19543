# Judges: that a mail server takes what we send, and what a reader of mail makes of it.
# Library: PyPI aiosmtpd, cryptography; Python's email.
#
# Not a list script: it runs until stdin ends.
# in:  {"security":"starttls","username":"desk","password":"s"}      once
#      security: none, starttls, tls, or hang: takes connections and says nothing
# out: {"port":40123,"ca":"-----BEGIN CERTIFICATE-----..."}          once, when it listens
# in:  {"cmd":"mails"}                                               again and again
# out: [{"from":"a@b","to":["c@d"],"headers":{"Subject":["x"]},"text":"...","tls":true,"login":null}]
# Recipients at `refused.example` are refused. Headers are decoded; each has a list of values.

import datetime
import email
import email.policy
import ipaddress
import json
import socket
import ssl
import sys
import tempfile

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificates():
    """An authority, and what it says of 127.0.0.1."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def make(name, issuer, key, signer, *extensions):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
        builder = x509.CertificateBuilder(issuer, subject, key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256())

    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    is_ca = (x509.BasicConstraints(ca=True, path_length=None), True)
    ca = make("mail ca", "mail ca", authority, authority, is_ca)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server = make("mail server", "mail ca", own, authority, (names, False))
    pem = serialization.Encoding.PEM
    key = own.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(server.public_bytes(pem) + key)
        file.flush()
        context.load_cert_chain(file.name)
    return ca.public_bytes(pem).decode(), context


class Handler:
    def __init__(self):
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 5.1.1 nobody of that name lives here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        headers = {}
        for name, value in message.items():
            headers.setdefault(name, []).append(str(value))
        self.mails.append(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "headers": headers,
                "defects": [repr(defect) for defect in message.defects],
                "text": message.get_content(),
                "tls": server.transport.get_extra_info("ssl_object") is not None,
                "login": session.auth_data and session.auth_data.login.decode(),
            }
        )
        return "250 2.0.0 taken"


def say(document):
    print(json.dumps(document), flush=True)


wanted = json.loads(sys.stdin.readline())
security = wanted["security"]
ca, context = certificates()
if security == "hang":
    silent = socket.create_server(("127.0.0.1", 0))
    say({"port": silent.getsockname()[1], "ca": ca})
    sys.stdin.read()
    sys.exit()

username, password = wanted.get("username"), wanted.get("password")


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (
        (data.login.decode(), data.password.decode()) == (username, password)
    )
    return AuthResult(success=good, handled=False, auth_data=data if good else None)


handler = Handler()
with socket.create_server(("127.0.0.1", 0)) as free:
    port = wanted.get("port") or free.getsockname()[1]


class Server(Controller):
    def factory(self):
        return SMTP(
            self.handler,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_required=username is not None,
            auth_require_tls=security == "starttls",
            authenticator=authenticate,
            ident="mail.example",
        )


wrapped = context if security == "tls" else None
controller = Server(handler, hostname="127.0.0.1", port=port, ssl_context=wrapped)
controller.start()
say({"port": port, "ca": ca})
for line in sys.stdin:
    say(handler.mails)
controller.stop()
