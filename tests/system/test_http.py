#!/usr/bin/env python3
"""How the web process answers: paths, methods, caching, limits, streams, and clients that do harm."""
import gzip
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

HARNESS = os.path.join(os.environ.get("BALLAST_BUILD", "build"), "web", "page-harness")


class Server:
    def __init__(self, fixture="incident"):
        self.process = subprocess.Popen([HARNESS, "--serve", "0", fixture], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        deadline = time.monotonic() + 20
        while self.get("/").status != 200 or self.get("/metrics").status != 200:
            assert time.monotonic() < deadline, "nothing was rendered"
            time.sleep(0.05)

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def get(self, path, headers=(), method="GET"):
        with self.connect() as s:
            lines = ["%s %s HTTP/1.1" % (method, path), "Host: x", "Connection: close", *headers, "", ""]
            s.sendall("\r\n".join(lines).encode())
            return Answer(b"".join(iter(lambda: s.recv(65536), b"")))

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
        self.headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}


class Stream:
    def __init__(self, server, path="/api/v1/stream", headers=()):
        self.socket = server.connect()
        self.socket.sendall("\r\n".join(["GET %s HTTP/1.1" % path, "Host: x", *headers, "", ""]).encode())
        self.data = b""

    def status(self):
        while b"\r\n\r\n" not in self.data:
            more = self.socket.recv(4096)
            if not more:
                break
            self.data += more
        return int(self.data.split()[1])

    def wait_for(self, needle, seconds=20):
        end = time.monotonic() + seconds
        self.socket.settimeout(seconds)
        while needle not in self.data:
            more = self.socket.recv(4096)
            if not more or time.monotonic() > end:
                raise AssertionError("no %r in %r" % (needle, self.data[-400:]))
            self.data += more
        return self.data

    def close(self):
        self.socket.close()


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s = Server()

    @classmethod
    def tearDownClass(cls):
        assert cls.s.end() == 0

    def test_paths(self):
        for path, type_ in (("/", "text/html"), ("/metrics", "text/plain; version=0.0.4"),
                            ("/style.css", "text/css"), ("/page.js", "text/javascript"),
                            ("/api/v1/status", "application/json"), ("/api/v1/findings", "application/json"),
                            ("/api/v1/failover", "application/json"), ("/api/v1/components", "application/json"),
                            ("/api/v1/events", "application/json"), ("/api/v1/failover/runs/r147", "application/json"),
                            ("/api/v1/components/san1/canister/B", "application/json"), ("/?wall", "text/html"),
                            ("/healthz", "text/plain"), ("/readyz", "text/plain")):
            a = self.s.get(path)
            self.assertEqual(a.status, 200, path)
            self.assertTrue(a.headers["content-type"].startswith(type_), path)
            self.assertEqual(a.headers["x-content-type-options"], "nosniff", path)
            self.assertIn("frame-ancestors 'none'", a.headers["content-security-policy"], path)
            self.assertIn("default-src 'self'", a.headers["content-security-policy"], path)
            if type_ == "application/json":
                json.loads(a.body)
        self.assertEqual(self.s.get("/").headers["cache-control"], "no-store")

    def test_not_there(self):
        for path in ("/nothing", "/api/v1/components/san1/canister/Z", "/api/v1/failover/runs/r9",
                     "/api/v1/failover/runs/x", "/metrics?array=nope", "/../etc/passwd", "/%2e%2e/etc/passwd",
                     "/%00", "/api/v1/status%00x", "/metrics%00"):
            self.assertEqual(self.s.get(path).status, 404, path)
        for path in ("/api/v1/components?kind=nope", "/api/v1/components?health=nope", "/api/v1/events?after=x",
                     "/api/v1/events?limit=-1", "/api/v1/events?incident=%22"):
            self.assertEqual(self.s.get(path).status, 400, path)

    def test_only_looking(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
            a = self.s.get("/", method=method)
            self.assertEqual(a.status, 405, method)
            self.assertEqual(a.headers["allow"], "GET, HEAD", method)
        a = self.s.get("/", method="HEAD")
        self.assertEqual((a.status, a.body), (200, b""))
        self.assertGreater(int(a.headers["content-length"]), 1000)

    def test_connection_is_kept(self):
        c = http.client.HTTPConnection("127.0.0.1", self.s.port, timeout=30)
        for path in "/metrics", "/api/v1/status", "/":
            c.request("GET", path)
            r = c.getresponse()
            r.read()
            self.assertEqual(r.status, 200)
            self.assertFalse(r.will_close, path)
        c.close()

    def test_caching_and_gzip(self):
        for path in ("/style.css", "/page.js"):
            a = self.s.get(path)
            again = self.s.get(path, ["If-None-Match: " + a.headers["etag"]])
            self.assertEqual((again.status, again.body), (304, b""), path)
            packed = self.s.get(path, ["Accept-Encoding: gzip"])
            self.assertEqual(packed.headers["content-encoding"], "gzip", path)
            self.assertEqual(gzip.decompress(packed.body), a.body, path)
            for refused in ("identity", "gzip;q=0", "gzip;q=0.0"):
                self.assertNotIn("content-encoding", self.s.get(path, ["Accept-Encoding: " + refused]).headers, refused)

    def test_filters(self):
        get = lambda q: json.loads(self.s.get("/api/v1/components" + q).body)
        self.assertEqual(len(get("?array=san1&kind=drive")), 24)
        self.assertEqual([c["id"] for c in get("?kind=canister&health=failed")], ["san1/canister/B"])
        self.assertEqual(get("?array=other"), [])
        metrics = self.s.get("/metrics?array=local").body.decode()
        self.assertIn('array="local"', metrics)
        self.assertNotIn('array="san1"', metrics)
        events = json.loads(self.s.get("/api/v1/events").body)
        numbers = [e["record"] for e in events]
        self.assertEqual(numbers, sorted(numbers))
        after = json.loads(self.s.get("/api/v1/events?after=%d&limit=2" % numbers[2]).body)
        self.assertEqual([e["record"] for e in after], numbers[3:5])
        self.assertTrue(json.loads(self.s.get("/api/v1/events?incident=i-31").body))
        self.assertEqual(json.loads(self.s.get("/api/v1/events?incident=i-3").body), [])

    def test_metrics_are_clean(self):
        if not shutil.which("promtool"):
            self.skipTest("no promtool here")
        check = subprocess.run(["promtool", "check", "metrics"], input=self.s.get("/metrics").body, capture_output=True)
        self.assertEqual((check.returncode, check.stdout + check.stderr), (0, b""))

    def test_too_long(self):
        self.assertEqual(self.s.get("/" + "x" * 20000).status, 414)
        self.assertEqual(self.s.get("/", ["X-Long: " + "x" * 20000]).status, 431)

    def test_nonsense(self):
        for raw in (b"\x00" * 64, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\xff" * 100,
                    b"GET / HTTP/1.1\r\n\r\n", b"GET /%00%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
            with self.s.connect() as s:
                s.sendall(raw)
                s.shutdown(socket.SHUT_WR)
                while s.recv(65536):
                    pass
        self.assertEqual(self.s.get("/healthz").status, 200)

    def test_dripping_client_is_cut(self):
        start = time.monotonic()
        with self.s.connect() as s:
            s.settimeout(1)
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
            while time.monotonic() - start < 60:  # cut at 5 s; the bound is generous
                try:
                    s.sendall(b"a")
                    if s.recv(4096) == b"":
                        break
                except socket.timeout:
                    continue
                except OSError:
                    break
            else:
                self.fail("still open")
        self.assertGreater(time.monotonic() - start, 3, "a request may take its time")

    def test_drip_after_a_good_request_is_cut(self):
        start = time.monotonic()
        with self.s.connect() as s:
            s.settimeout(1)
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b"200", s.recv(4096))
            s.sendall(b"GET / HTTP/1.1\r\nX: ")
            while time.monotonic() - start < 60:
                try:
                    s.sendall(b"a")
                    if s.recv(4096) == b"":
                        return
                except socket.timeout:
                    continue
                except OSError:
                    return
        self.fail("still open")

    def test_stream_resumes(self):
        numbers = [e["record"] for e in json.loads(self.s.get("/api/v1/events").body)]
        for stream in (Stream(self.s, "/api/v1/stream?after=%d" % numbers[-3]),
                       Stream(self.s, headers=["Last-Event-ID: %d" % numbers[-3]])):
            data = stream.wait_for(b"event: beat")
            self.assertIn(b"text/event-stream", data)
            self.assertNotIn(b"id: %d\n" % numbers[-3], data)
            self.assertIn(b"id: %d\nevent: record\ndata: {" % numbers[-2], data)
            self.assertIn(b"id: %d\nevent: record\ndata: {" % numbers[-1], data)
            stream.close()
        stream = Stream(self.s)
        self.assertNotIn(b"event: record", stream.wait_for(b"event: beat"))
        self.s.say("loud")
        data = stream.wait_for(b"event: record")
        record = int(data.rsplit(b"id: ", 1)[1].split(b"\n")[0])
        page = self.s.get("/").body
        self.assertIn(b'data-record="%d"' % record, page, "who is told of a record finds it on the page")
        stream.close()


class Limits(unittest.TestCase):
    def test_too_many_streams(self):
        s = Server("local")
        streams = [Stream(s) for _ in range(300)]
        codes = [x.status() for x in streams]
        self.assertEqual((codes.count(200), codes.count(503)), (256, 44))
        s.say("loud")
        for x, code in zip(streams, codes):
            if code == 200:
                x.wait_for(b"event: record")
        for x in streams:
            x.close()
        s.say("loud")  # now it notices that they are gone
        deadline = time.monotonic() + 30
        while True:
            x = Stream(s)
            code = x.status()
            x.close()
            if code == 200:
                break
            self.assertLess(time.monotonic(), deadline, "places are not given back")
            time.sleep(0.2)
        self.assertEqual(s.end(), 0)

    def test_starved_server_blames_no_client(self):
        s = Server("healthy")
        for _ in range(20):  # a machine that takes 3 s for this cuts them for their own silence
            start = time.monotonic()
            waiting = [s.connect() for _ in range(250)]
            self.assertEqual(s.get("/healthz").status, 200)  # so those before it are accepted too
            s.process.send_signal(signal.SIGSTOP)
            if time.monotonic() - start < 3:
                break
            s.process.send_signal(signal.SIGCONT)
        for x in waiting:
            x.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(6)
        s.process.send_signal(signal.SIGCONT)
        self.assertEqual([x.recv(4096)[9:12] for x in waiting], [b"200"] * len(waiting))
        for x in waiting:
            x.close()
        self.assertEqual(s.end(), 0)

    def test_silent_engine(self):
        s = Server("healthy")
        stream = Stream(s)
        stream.wait_for(b"event: beat")
        self.assertEqual(s.get("/healthz").status, 200)
        s.say("mute")
        deadline = time.monotonic() + 60
        while s.get("/healthz").status == 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)
        while b"engine has not answered since" not in s.get("/").body:
            self.assertLess(time.monotonic(), deadline, "the page still believes")
            time.sleep(0.3)
        self.assertIn(b"Unknown.</h1>", s.get("/").body)
        s.say("talk")
        while s.get("/healthz").status != 200 or b"engine has not answered" in s.get("/").body:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)
        stream.close()
        self.assertEqual(s.end(), 0)

    def test_nothing_known_yet(self):
        s = Server("empty")
        self.assertEqual(s.get("/readyz").status, 503)
        self.assertEqual(json.loads(s.get("/api/v1/components").body), [])
        self.assertNotIn(b">Yes", s.get("/").body)
        self.assertEqual(s.end(), 0)


if __name__ == "__main__":
    if not os.path.exists(HARNESS):
        print("skipped: no page-harness in the build folder")
        sys.exit(77)
    unittest.main(verbosity=2)
