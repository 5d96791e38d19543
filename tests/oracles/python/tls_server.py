# Judges: that OpenSSL takes our TLS, and sees the client's certificate.
# Libraries: Python's ssl (OpenSSL); PyPI cryptography, which makes the certificates.
#
# Not a list script: it runs until stdin ends.
# in:  null                                                   once
# out: {"url":"https://127.0.0.1:40123","ca":"<PEM>","clients":{"ec_sec1":"<PEM>",...}}    once
#      clients: certificate, an intermediate one and a private key, each key in another form;
#      all but `stranger` come from `ca`
# out: {"path":"/","subject":"ec_sec1","version":"TLSv1.3"}   a line for each request that came in

import datetime
import http.server
import ipaddress
import json
import ssl
import sys
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

PKCS8 = pem.PrivateFormat.PKCS8
TRADITIONAL = pem.PrivateFormat.TraditionalOpenSSL


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer=None, is_ca=False):
    """Signed by the issuer, a certificate and its key, or by itself."""
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(issuer[0].subject if issuer else name(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=12))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    )
    if not is_ca:
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


def text(*certificates):
    return "".join(each.public_bytes(pem.Encoding.PEM).decode() for each in certificates)


def private(key, form):
    return key.private_bytes(pem.Encoding.PEM, form, pem.NoEncryption()).decode()


def authority(subject):
    key = ec.generate_private_key(ec.SECP256R1())
    root = (certificate(subject, key, is_ca=True), key)
    key = ec.generate_private_key(ec.SECP384R1())
    return root, (certificate(f"{subject} for clients", key, root, is_ca=True), key)


def client(subject, key, form, intermediate):
    chain = text(certificate(subject, key, intermediate), intermediate[0])
    return chain + private(key, form)


root, intermediate = authority("ours")
_, theirs = authority("theirs")
keys = {
    "ec_sec1": (ec.generate_private_key(ec.SECP256R1()), TRADITIONAL),
    "ec_pkcs8": (ec.generate_private_key(ec.SECP384R1()), PKCS8),
    "rsa_pkcs1": (rsa.generate_private_key(65537, 2048), TRADITIONAL),
    "rsa_pkcs8": (rsa.generate_private_key(65537, 2048), PKCS8),
    "ed25519": (ed25519.Ed25519PrivateKey.generate(), PKCS8),
}
clients = {
    subject: client(subject, key, form, intermediate) for subject, (key, form) in keys.items()
}
clients["stranger"] = client("stranger", ec.generate_private_key(ec.SECP256R1()), PKCS8, theirs)

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.verify_mode = ssl.CERT_REQUIRED
context.load_verify_locations(cadata=text(root[0]))
with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
    key = ec.generate_private_key(ec.SECP256R1())
    file.write(text(certificate("server", key, root)) + private(key, PKCS8))
    file.flush()
    context.load_cert_chain(file.name)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        subject = dict(pair[0] for pair in self.connection.getpeercert()["subject"])
        seen = {
            "path": self.path,
            "subject": subject["commonName"],
            "version": self.connection.version(),
        }
        print(json.dumps(seen), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, address):
        # In the thread of the connection, so that one that shakes no hands stops no other.
        raw = request.dup()
        try:
            request = context.wrap_socket(request, server_side=True)
        except ssl.SSLError:
            # What is not read would make the system throw the alert away.
            while raw.recv(4096):
                pass
            return
        finally:
            raw.close()
        super().finish_request(request, address)


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"https://127.0.0.1:{server.server_address[1]}"
print(json.dumps({"url": url, "ca": text(root[0]), "clients": clients}), flush=True)
sys.stdin.read()
