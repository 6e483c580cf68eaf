"""A receiver that misbehaves on order, on loopback only. Each request takes the next of `answers`:
a status, (status, {header: value}), "stall" (never answers), "stall-body" (headers, then nothing), "close"
(hangs up without an answer), else `usual`. Every request is kept in `got`, with what was answered."""
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import subprocess
import threading
import time


class Receiver:
    def __init__(self, port=0, tls=None, usual=204, reply=b""):
        self.got, self.answers, self.usual, self.reply = [], [], usual, reply
        self.lock, self.stop_now, self.connections = threading.Lock(), threading.Event(), 0
        self.tls = tls
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        try:
            if self.tls:
                s = self.tls.wrap_socket(s, server_side=True)
            with s, s.makefile("rb") as f:
                while not self.stop_now.is_set() and self.one(s, f):
                    pass
        except (OSError, ValueError):
            pass

    def one(self, s, f):
        start = f.readline().decode("latin-1").split()
        if len(start) < 2:
            return False
        headers = {}
        for line in iter(f.readline, b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        raw = f.read(int(headers.get("content-length", 0)))
        with self.lock:
            answer = self.answers.pop(0) if self.answers else self.usual
            self.got.append({"at": time.monotonic(), "path": start[1], "headers": headers, "raw": raw, "answer": answer,
                             "body": json.loads(raw) if raw else None})
        return self.answer(s, answer)

    def answer(self, s, answer):
        if answer == "close":
            return False
        if answer == "stall-body":
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        if answer in ("stall", "stall-body"):
            self.stop_now.wait(120)
            return False
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        head = "HTTP/1.1 %d X\r\nContent-Length: %d\r\n" % (status, len(self.reply))
        head += "".join("%s: %s\r\n" % h for h in headers.items())
        s.sendall(head.encode() + b"\r\n" + self.reply)
        return True

    def ids(self, accepted=True):
        with self.lock:
            return [g["headers"].get("webhook-id") for g in self.got if not accepted or g["answer"] in (200, 204)]

    def stop(self):
        self.stop_now.set()
        # wakes accept(), which a close alone does not
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def signature(secret, got):
    """What webhook-signature has to hold, computed apart from the product."""
    key = base64.b64decode(secret[len("whsec_"):])
    text = b"%s.%s.%s" % (got["headers"]["webhook-id"].encode(), got["headers"]["webhook-timestamp"].encode(), got["raw"])
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def authority(folder):
    """A certificate authority of our own; returns its certificate's path."""
    key, cert = os.path.join(folder, "ca.key"), os.path.join(folder, "ca.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
            "-days", "30", "-subj", "/CN=test authority")
    return cert


def certificate(folder, name, days=30):
    """A server context whose certificate for `name` runs `days` from now; negative: it has expired."""
    key, csr, cert, ext = (os.path.join(folder, "%s%d.%s" % (name, days, e)) for e in ("key", "csr", "pem", "ext"))
    with open(ext, "w") as f:
        f.write("subjectAltName=DNS:%s\n" % name)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", csr, "-subj",
            "/CN=" + name)
    openssl("x509", "-req", "-in", csr, "-CA", os.path.join(folder, "ca.pem"), "-CAkey", os.path.join(folder, "ca.key"),
            "-CAcreateserial", "-days", str(days), "-extfile", ext, "-out", cert)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
