"""A management plane on loopback that behaves, and misbehaves on order: real TLS, real HTTP, certificates made here."""
import base64
import hashlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import time


def certificate(folder, name, hosts=("127.0.0.1",)):
    """A self-signed certificate; (cert, key, pin)."""
    cert, key = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=" + ",".join("IP:" + h for h in hosts),
                    "-days", "2", "-keyout", key, "-out", cert], check=True, stderr=subprocess.DEVNULL)
    public = subprocess.run(["openssl", "x509", "-in", cert, "-pubkey", "-noout"], check=True, stdout=subprocess.PIPE).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, check=True,
                         stdout=subprocess.PIPE).stdout
    return cert, key, "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


NODES = [{"id": "1", "name": "node1", "UPS_serial_number": "", "WWNN": "500507680B00AC4D", "status": "online", "IO_group_id": "0",
          "IO_group_name": "io_grp0", "config_node": "yes", "UPS_unique_id": "", "hardware": "500", "iscsi_name":
          "iqn.1986-03.com.ibm:2145.san1.node1", "iscsi_alias": "", "panel_name": "01-1", "enclosure_id": "1", "canister_id": "1",
          "enclosure_serial_number": "78N16G4"},
         {"id": "2", "name": "node2", "UPS_serial_number": "", "WWNN": "500507680B00AC4E", "status": "online", "IO_group_id": "0",
          "IO_group_name": "io_grp0", "config_node": "no", "UPS_unique_id": "", "hardware": "500", "iscsi_name":
          "iqn.1986-03.com.ibm:2145.san1.node2", "iscsi_alias": "", "panel_name": "01-2", "enclosure_id": "1", "canister_id": "2",
          "enclosure_serial_number": "78N16G4"}]


class Spectrum:
    """What a system knows of itself; several addresses may serve it."""

    def __init__(self):
        self.nodes = [dict(n, service_IP_address="127.0.1.%s" % n["id"], code_level="8.2.1.0 (build 147.6.1810180824000)",
                           product_mtm="2078-324", serial_number="", failover_active="no") for n in NODES]
        self.canisters = [{"enclosure_id": "1", "canister_id": c, "status": "online", "type": "node", "node_id": c,
                           "node_name": "node" + c} for c in ("1", "2")]
        self.views = {
            "lsenclosure": [{"id": "1", "status": "online", "type": "control", "managed": "yes", "IO_group_id": "0",
                             "IO_group_name": "io_grp0", "product_MTM": "2078-324", "serial_number": "78N16G4",
                             "total_canisters": "2", "online_canisters": "2", "total_PSUs": "2", "online_PSUs": "2",
                             "drive_slots": "24", "total_fan_modules": "0", "online_fan_modules": "0"}],
            "lsenclosurepsu": [{"enclosure_id": "1", "PSU_id": p, "status": "online", "input_power": "ac"} for p in ("1", "2")],
            "lsenclosurebattery": [{"enclosure_id": "1", "battery_id": p, "status": "online", "charging_status": "idle",
                                    "recondition_needed": "no", "percent_charged": "100", "end_of_life_warning": "no"}
                                   for p in ("1", "2")],
            "lsdrive": [{"id": "0", "status": "online", "error_sequence_number": "", "use": "member", "capacity": "558.4GB",
                         "enclosure_id": "1", "slot_id": "1"}],
            "lsmdisk": [{"id": "0", "name": "mdisk0", "status": "online", "mode": "array", "capacity": "2.2TB"}],
            "lssystem": {"id": "00000200A1207E1F", "name": "san1", "code_level": "8.2.1.0 (build 147.6.1810180824000)",
                         "product_name": "IBM Storwize V5000", "email_state": "running"},
            "lseventlog": [],
            "lsquorum": [{"quorum_index": str(n), "status": "online", "id": str(n), "name": "", "controller_id": "", "controller_name": "",
                          "active": "yes" if not n else "no", "object_type": "drive"} for n in range(3)],
            "lscloudcallhome": [{"status": "enabled", "connection": "active"}],
        }

    def view(self, command, ident=""):
        if command == "lsnodecanister":
            brief = [{k: n[k] for k in NODES[0]} for n in self.nodes]
            return next((n for n in self.nodes if n["id"] == ident), None) if ident else brief
        return self.canisters if command == "lsenclosurecanister" else self.views.get(command)

    def service(self, ident):
        for n in self.nodes:
            if n["id"] == ident:
                n["status"] = "service"


class Plane:
    """HTTPS on 127.0.0.1 (or another loopback address). `order` says how the next view requests are answered, "" for well:
    stall, stall-body, truncated, cut, huge, deep, 500, 401, closed."""

    def __init__(self, spectrum, cert, key, address="127.0.0.1", port=0, user="monitor", password="s3cret", base="/rest/v1"):
        self.spectrum, self.order, self.logins, self.asked, self.tokens = spectrum, "", 0, [], set()
        self.user, self.password, self.base, self.bodies = user, password, base, []
        plane = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", kind="application/json"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                plane.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                if not self.path.startswith(plane.base + "/"):
                    return self.answer(404, b"not here")
                parts = self.path[len(plane.base) + 1:].split("/")
                plane.asked.append((time.monotonic(), parts[0]))
                if parts[0] == "auth":
                    plane.logins += 1
                    if (self.headers.get("X-Auth-Username"), self.headers.get("X-Auth-Password")) != (plane.user, plane.password):
                        return self.answer(401, b"bad credentials")
                    token = "t%d" % plane.logins
                    plane.tokens.add(token)
                    return self.answer(200, json.dumps({"token": token}).encode())
                if plane.order == "stall":
                    time.sleep(30)
                    return None
                if plane.order == "401" or self.headers.get("X-Auth-Token") not in plane.tokens:
                    return self.answer(403, b"token")
                return self.view(parts)

            def view(self, parts):
                what = plane.spectrum.view(parts[0], parts[1] if len(parts) > 1 else "")
                if what is None:
                    return self.answer(404, b"no such view")
                body = json.dumps(what).encode()
                if plane.order == "500":
                    return self.answer(500, b"CMMVC5767E")
                if plane.order == "truncated":
                    return self.answer(200, body[:len(body) // 2])
                if plane.order == "deep":
                    return self.answer(200, b"[" * 4000)
                if plane.order == "huge":
                    return self.answer(200, b"[" + b" " * (9 << 20) + b"]")
                if plane.order in ("stall-body", "cut"):
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body[:10])
                    self.wfile.flush()
                    if plane.order == "stall-body":
                        time.sleep(30)
                    self.close_connection = True
                    return None
                return self.answer(200, body)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, address):
                pass

            def finish_request(self, request, address):
                request.settimeout(60)
                try:
                    tls = plane.context.wrap_socket(request, server_side=True)
                except (OSError, ssl.SSLError):
                    return
                super().finish_request(tls, address)

        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.server = Server((address, port), Handler)
        self.port = self.server.server_address[1]
        self.address = "%s:%d" % (address, self.port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def queries(self, view="lsnodecanister"):
        return sum(1 for _, v in list(self.asked) if v == view)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Mute:
    """Takes TCP connections and says nothing."""

    def __init__(self, address="127.0.0.1"):
        self.socket = socket.socket()
        self.socket.bind((address, 0))
        self.socket.listen(64)
        self.address = "%s:%d" % (address, self.socket.getsockname()[1])

    def stop(self):
        self.socket.close()
