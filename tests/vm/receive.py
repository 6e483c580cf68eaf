#!/usr/bin/env python3
"""receive.py PORT FILE - accept every webhook and append it to FILE, one JSON object a line."""
import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = {"id": self.headers.get("webhook-id"), "signature": self.headers.get("webhook-signature"),
                "body": json.loads(body)}
        with open(sys.argv[2], "a") as out:
            out.write(json.dumps(line) + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
