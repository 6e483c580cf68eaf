"""Management planes of three makes on loopback: what each canister answers, and how it misbehaves on order."""
import base64
import hashlib
import http.server
import json
import ssl
import threading
import time

USER, PASSWORD = "monitor", "s3cret"


class Canister:
    """One canister's HTTPS server. `order`: "" for well, stall, stall-headers (and then nothing), truncated, garbage, expire (the
    next request finds its token dead)."""

    def __init__(self, model, cert, key):
        self.model, self.order, self.logins, self.asked, self.tokens = model, "", 0, [], set()
        canister = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body, headers=()):
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if canister.order == "truncated" and status == 200:
                    self.close_connection = True
                    body = body[:len(body) // 2]
                self.wfile.write(body)

            def handle_one(self, body):
                canister.asked.append(self.path)
                reply = canister.model.login(self, body, canister)
                if reply:
                    return self.answer(*reply)
                if canister.order == "stall":
                    return time.sleep(30)
                if canister.order == "expire":
                    canister.order = ""
                    canister.tokens.clear()
                if not canister.model.allowed(self.headers, canister.tokens):
                    return self.answer(*canister.model.denied())
                if canister.order == "stall-headers":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    return time.sleep(30)
                if canister.order == "garbage":
                    return self.answer(200, b"<html>system is initializing</html>")
                return self.answer(*canister.model.get(self.path))

            def do_DELETE(self):
                canister.asked.append("DELETE " + self.path)
                gone = canister.model.logout(self, canister)
                self.answer(204 if gone else 404, b"")

            def do_GET(self):
                self.handle_one(b"")

            def do_POST(self):
                self.handle_one(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass

            def finish_request(self, request, address):
                request.settimeout(60)
                try:
                    tls = canister.context.wrap_socket(request, server_side=True)
                except (OSError, ssl.SSLError):
                    return
                super().finish_request(tls, address)

        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.server = None
        for host in ("127.0.0.%d" % (10 + model.canisters), "127.0.0.1"):
            try:
                self.server = Server((host, 0), Handler)
                break
            except OSError:
                pass
        self.host = self.server.server_address[0]
        self.address = "%s:%d" % self.server.server_address[:2]
        model.canisters += 1
        model.hosts.append(self.host)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Model:
    def __init__(self):
        self.canisters, self.hosts = 0, []

    def token(self, canister):
        canister.logins += 1
        canister.tokens.add("%d0a%d" % (id(canister) % 1000, canister.logins))
        return max(canister.tokens, key=lambda t: int(t.split("a")[1]))


    def forget(self, canister, token):
        """The session ends; whether there was one."""
        gone = token in canister.tokens
        canister.tokens.discard(token)
        return gone

    def logout(self, request, canister):
        return False


class Msa(Model):
    """HPE MSA: the hash of user and password in the path; XML, or JSON for who asks for it."""

    def __init__(self, hash="sha256", xml=False):
        super().__init__()
        self.serial, self.xml, self.status = "00C0FF26DCB0", xml, {"A": "Operational", "B": "Operational"}
        self.hash = hash and hashlib.new(hash, ("%s_%s" % (USER, PASSWORD)).encode()).hexdigest()
        self.group, self.disks, self.pool, self.free = "FTOL", ["OK"] * 5, "OK", 40
        self.ports, self.events = {"A1": "Up", "A2": "Disconnected", "B1": "Up"}, [("A", 1, 500, "ERROR")]

    def login(self, request, body, canister):
        if request.path == "/api/exit":
            self.forget(canister, request.headers.get("sessionKey"))
            return 200, self.pack({"status": [{"response-type": "Success", "return-code": 0, "response": "bye"}]})
        if not request.path.startswith("/api/login"):
            return None
        basic = "Basic " + base64.b64encode(("%s:%s" % (USER, PASSWORD)).encode()).decode()
        good = request.path == "/api/login/" + self.hash if self.hash else request.headers.get("Authorization") == basic
        return 200, self.pack({"status": [{"response-type": "Success" if good else "Error", "return-code": 1 if good else 2,
                                           "response": self.token(canister) if good else "Authentication Unsuccessful"}]})

    def allowed(self, headers, tokens):
        return headers.get("sessionKey") in tokens

    def denied(self):
        return 200, self.pack({"status": [{"response-type": "Error", "return-code": -10027, "response": "Invalid sessionkey"}]})

    def pack(self, objects):
        if not self.xml:
            return objects

        def one(basetype, o):
            inner = "".join("".join(one(k, v) for v in value) if isinstance(value, list) else
                            '<PROPERTY name="%s">%s</PROPERTY>' % (k, value) for k, value in o.items())
            return '<OBJECT basetype="%s" name="%s">%s</OBJECT>' % (basetype, basetype, inner)
        return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><RESPONSE VERSION="L100">%s</RESPONSE>' %
                "".join(one(k, o) for k, l in objects.items() for o in l)).encode()

    def get(self, path):
        what = path[len("/api/show/"):]
        health = {"Operational": "OK", "Down": "Fault", "Not Installed": "N/A"}
        well = set(self.status.values()) == {"Operational"}
        views = {
            "controllers": {"controllers": [
                {"durable-id": "controller_" + c.lower(), "controller-id": c, "serial-number": "7CE539M59" + c, "status": s,
                 "health": health.get(s, "OK"), "sc-fw": "GLS210R04-01", "failed-over": "Yes" if s == "Operational" and not well else "No",
                 "write-policy": "write-back", "network-parameters": [{"ip-address": self.hosts[i]}] if i < len(self.hosts) else []}
                for i, (c, s) in enumerate(self.status.items())]},
            "system": {"system": [
                {"system-name": "msa", "vendor-name": "HPE", "product-id": "MSA 2050 SAN", "midplane-serial-number": self.serial,
                 "health": "OK" if well else "Degraded", "redundancy": [
                     {"redundancy-mode": "Active-Active ULP" if well else "Failed Over",
                      "redundancy-status": "Redundant" if well else "Operational but not redundant",
                      "controller-a-status": self.status["A"], "controller-b-status": self.status["B"]}]}]},
            "controller-statistics": {"controller-statistics": [{"durable-id": "controller_" + c, "power-on-time": 86400}
                                                                for c in self.status]},
            "versions/detail": {"versions": [{"bundle-version": "GL210R004"}]},
            "enclosures": {"enclosures": [{"durable-id": "enclosure_1", "enclosure-id": 1, "status": "OK", "health": "OK"}]},
            "power-supplies": {"power-supplies": [{"durable-id": "psu_1.%d" % n, "enclosure-id": 1, "status": "Up", "health": "OK"}
                                                  for n in (1, 2)]},
            "ports": {"port": [{"durable-id": "hostport_" + p, "port": p, "port-type": "FC", "status": s, "health": "OK" if s == "Up" else "N/A"}
                               for p, s in self.ports.items()]},
            "events/last/50": {"events": [
                {"event-id": "%s%d" % (by, n), "event-code": code, "controller": by, "severity": severity, "message": "something befell it"}
                for by, n, code, severity in reversed(self.events)]},
            "pools": {"pools": [{"name": "A", "storage-type": "Virtual", "health": self.pool, "over-committed": "True",
                                 "total-size-numeric": 100, "total-avail-numeric": self.free}]},
            "disk-groups": {"disk-groups": [{"name": "dgA01", "raidtype": "RAID6", "status": self.group, "health": "OK"}]},
            "disks": {"drives": [{"location": "1.%d" % n, "serial-number": "6SL9CD56%d" % n, "disk-group": "dgA01", "status": "Up",
                                  "health": h} for n, h in enumerate(self.disks, 1)]},
        }
        code = 0 if what in views else -10001
        done = {"status": [{"response-type": "Success" if not code else "Error", "return-code": code,
                            "response": "Command completed successfully." if not code else "Unknown command"}]}
        return 200, self.pack(dict(views.get(what, {}), **done))


class ESeries(Model):
    """NetApp E-Series: a session cookie, or Basic where there are no sessions."""

    def __init__(self, sessions=True):
        super().__init__()
        self.serial = "021633035190"
        self.sessions, self.system, self.failures, self.mirrored = sessions, "optimal", [], True
        self.status, self.balanced, self.events = {"A": "optimal", "B": "optimal"}, True, [(700, "before Ballast came")]
        self.basic = "Basic " + base64.b64encode(("%s:%s" % (USER, PASSWORD)).encode()).decode()

    def login(self, request, body, canister):
        if request.path != "/devmgr/utils/login":
            return None
        if not self.sessions:
            return 404, b"no such resource"
        if json.loads(body) != {"userId": USER, "password": PASSWORD}:
            return 401, b"no"
        return 200, b"", [("Set-Cookie", "JSESSIONID=%s; Path=/; Secure; HttpOnly" % self.token(canister))]

    def logout(self, request, canister):
        return request.path == "/devmgr/utils/login" and \
            self.forget(canister, request.headers.get("Cookie", "").replace("JSESSIONID=", ""))

    def allowed(self, headers, tokens):
        if not self.sessions:
            return headers.get("Authorization") == self.basic
        return headers.get("Cookie", "").replace("JSESSIONID=", "") in tokens

    def denied(self):
        return 401, b"no session"

    def get(self, path):
        base = "/devmgr/v2/storage-systems"
        if path.startswith(base + "/1/mel-events?"):
            asked = dict(p.split("=") for p in path.split("?")[1].split("&"))
            found = [{"sequenceNumber": str(n), "eventType": 8812, "critical": bool(text), "priority": "priority" + ("Critical" if text else "Informational"), "description": text,
                      "location": "Tray 99"} for n, text in self.events if n >= int(asked["startSequenceNumber"])]
            return 200, found[:int(asked["count"])]
        views = {
            base: [{"id": "1", "name": "ef", "status": self.system, "passwordStatus": "valid", "model": "2806",
                    "fwVersion": "08.42.30.05", "chassisSerialNumber": self.serial, "autoLoadBalancingEnabled": self.balanced}],
            base + "/1/mel-events/available": {"startingSeqNum": "1", "endingSeqNum": str(self.events[-1][0] + 1)},
            base + "/1/controllers": [
                {"active": True, "controllerRef": "0700" + c, "quiesced": False, "status": s, "controllerErrorMode": "notInErrorMode", "appVersion": "08.42.30.05",
                 "bootTime": "1559250000", "serialNumber": "0216" + c, "physicalLocation": {"trayRef": "0E", "slot": i + 1, "label": c},
                 "netInterfaces": [{"interfaceType": "ethernet", "ethernet": {"ipv4Address": self.hosts[i]}}]
                 if i < len(self.hosts) else []}
                for i, (c, s) in enumerate(self.status.items())],
            base + "/1/failures": [{"failureType": f, "objectType": t, "objectRef": r} for f, t, r in self.failures],
            base + "/1/volumes": [
                {"label": v, "status": "optimal", "cache": {"cwob": False, "mirrorActive": True, "mirrorEnable": m, "writeCacheEnable": True}}
                for v, m in (("one", True), ("two", self.mirrored))],
            base + "/1/storage-pools": [{"label": "pool1", "volumeGroupRef": "04", "state": "complete", "raidLevel": "raid6"}],
            base + "/1/hardware-inventory": {
                "trays": [{"trayRef": "0E", "trayId": 99, "esmMiswire": False}], "fans": [], "esms": [], "batteries": [],
                "powerSupplies": [{"status": "optimal", "physicalLocation": {"trayRef": "0E", "slot": n}} for n in (1, 2)],
                "drives": [{"status": "optimal", "driveRef": "010%d" % n, "worldWideName": "5000CCA0ABCDEF0%d0000000000000000" % n, "currentVolumeGroupRef": "04",
                            "physicalLocation": {"trayRef": "0E", "slot": n}} for n in range(1, 6)]},
        }
        return (200, views[path]) if path in views else (404, b"not here")


class Redfish(Model):
    """Two Storage members in one redundancy set, as Seagate's service has them; collections come in pages."""

    def __init__(self):
        super().__init__()
        self.health, self.silent = {"a": "OK", "b": "OK"}, set()

    def login(self, request, body, canister):
        if request.path != "/redfish/v1/SessionService/Sessions" or not body:
            return None
        if json.loads(body) != {"UserName": USER, "Password": PASSWORD}:
            return 401, b"{}"
        token = self.token(canister)
        return 201, {"Id": token}, [("X-Auth-Token", token), ("Location", "https://%s/redfish/v1/SessionService/Sessions/%s" %
                                                              (canister.address, token))]

    def logout(self, request, canister):
        return request.path.startswith("/redfish/v1/SessionService/Sessions/") and \
            request.headers.get("X-Auth-Token") == request.path.split("/")[-1] and self.forget(canister, request.path.split("/")[-1])

    def allowed(self, headers, tokens):
        return headers.get("X-Auth-Token") in tokens

    def denied(self):
        return 401, b"{}"

    def get(self, path):
        if path.split("/")[-1] in self.silent:
            return 503, b"{}"

        def link(p):
            return {"@odata.id": "/redfish/v1/" + p}
        both = ["Storage/controller_a", "Storage/controller_b"]
        well = set(self.health.values()) == {"OK"}
        enabled = {"Health": "OK", "State": "Enabled"}
        views = {
            "": {k: link(k) for k in ("Storage", "Systems", "Chassis", "Managers", "UpdateService")},
            "Storage": {"Members": [link(both[0])], "Members@odata.nextLink": "/redfish/v1/Storage?$skip=1"},
            "Storage?$skip=1": {"Members": [link(both[1])]},
            "UpdateService": {"FirmwareInventory": link("UpdateService/FirmwareInventory")},
            "UpdateService/FirmwareInventory": {"Members": [link("UpdateService/FirmwareInventory/" + i) for i in ("bundle_a", "bundle_b", "gone")]},
            "UpdateService/FirmwareInventory/bundle_a": {"Version": "I200B009", "Active": True, "Staged": False,
                                                         "RelatedItem": [link("Managers/controller_a")]},
            "UpdateService/FirmwareInventory/bundle_b": {"Version": "I200B010", "Active": False, "Staged": True,
                                                         "RelatedItem": [link("Managers/controller_b")]},
            "Systems": {"Members": [link("Systems/SG1")]},
            "Systems/SG1": {"SerialNumber": "SG1", "Manufacturer": "SEAGATE", "Status": {"Health": "OK"}},
            "Managers": {"Members": [link("Managers/controller_a"), link("Managers/controller_b")]},
            "Chassis": {"Members": [link("Chassis/enclosure_0")]},
            "Chassis/enclosure_0": {"Power": link("Chassis/enclosure_0/Power"), "Thermal": link("Chassis/enclosure_0/Thermal"),
                                    "Status": enabled},
            "Chassis/enclosure_0/Power": {"PowerSupplies": [{"MemberId": "psu_0.%d" % n, "Status": enabled} for n in (0, 1)]},
            "Chassis/enclosure_0/Thermal": {"Fans": [{"MemberId": "fan_0.0", "Status": enabled}]},
        }
        for i, c in enumerate("ab"):
            views[both[i]] = {
                "Drives": [link(both[i] + "/Drives/0.0")], "Status": {"Health": self.health[c]},
                "Redundancy": [{"MinNumNeeded": 1, "MaxNumSupported": 2, "Mode": "Sharing", "RedundancySet": [link(p) for p in both],
                                "Status": {"Health": "OK" if well else "Warning", "State": "Enabled"}}],
                "StorageControllers": [{"MemberId": c.upper(), "SerialNumber": "00C0FF" + c, "Status": {"Health": self.health[c]}}]}
            views[both[i] + "/Drives/0.0"] = {"SerialNumber": "ZS1", "Status": enabled}
            views["Managers/controller_" + c] = {"FirmwareVersion": "I200B009", "Status": enabled,
                                                 "EthernetInterfaces": link("Managers/controller_%s/EthernetInterfaces" % c)}
            views["Managers/controller_%s/EthernetInterfaces" % c] = {
                "Members": [link("Managers/controller_%s/EthernetInterfaces/Dedicated" % c)]}
            views["Managers/controller_%s/EthernetInterfaces/Dedicated" % c] = {
                "IPv4Addresses": [{"Address": self.hosts[i]}] if i < len(self.hosts) else []}
        key = path[len("/redfish/v1"):].strip("/")
        return (200, dict(views[key], **{"@odata.id": path})) if key in views else (404, b"{}")
