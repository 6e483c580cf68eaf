"""What the far ends of bench-sources answer: pages, views and lines of devices that are well, made here after the standards and
the tests' own planes. An answer is (status, headers, body); a key that is not known is the benchmark's mistake."""
import json
import os
import struct
import types

import arrays
import planes

DRIVES = 24


# ---- drives ----

def sealed(page):
    page = bytearray(page[:511].ljust(512, b"\0"))
    page[511] = -sum(page[:511]) & 0xff
    return bytes(page)


def swapped(text, size):
    text = text.ljust(size).encode()
    return b"".join(bytes([b, a]) for a, b in zip(text[::2], text[1::2]))


def ata():
    """libatasmart's block: IDENTIFY, RETURN STATUS, SMART data and thresholds with 22 attributes, as a usual hard disk has."""
    identify = bytearray(512)
    identify[20:40], identify[46:54], identify[54:94] = swapped("SER1", 20), swapped("F1", 8), swapped("SIMDISK 2TB", 40)
    identify[164] = identify[170] = 1
    identify[200:208] = struct.pack("<Q", 3907029168)
    identify[434:436], identify[510] = struct.pack("<H", 7200), 0xa5
    data, thresholds = struct.pack("<H", 16), struct.pack("<H", 16)
    for n in (1, 3, 4, 5, 7, 9, 10, 12, 183, 184, 187, 188, 189, 190, 191, 192, 193, 194, 197, 198, 199, 240):
        data += struct.pack("<BHBBIHB", n, 0x33, 100, 100, {9: 27900, 190: 31, 194: 31}.get(n, 0), 0, 0)
        thresholds += struct.pack("<BB10x", n, 10)
    return b"".join(tag + struct.pack(">I", len(body)) + body for tag, body in (
        (b"IDFY", sealed(identify)), (b"SMST", b"\0\0\0\1"), (b"SMDT", sealed(data)), (b"SMTH", sealed(thresholds))))


def nvme(which):
    command, page = which[:2], which[2:]
    if command == "06":
        body = bytearray(4096)
        body[4:72] = b"NVM1".ljust(20) + b"SIMNVME".ljust(40) + b"N1.2".ljust(8)
        body[256:258] = struct.pack("<H", 0x10)
        return bytes(body)
    body = bytearray({"01": 64, "06": 564}.get(page, 512))
    if page == "02":
        body[0:6] = bytes([0, 0x39, 1, 100, 10, 3])
        body[128:130] = struct.pack("<H", 17000)
    if page == "03":
        body[0], body[8:16] = 1, b"N1.2".ljust(8)
    return bytes(body)


def scsi(cdb):
    """A SAS drive with the pages that such ones have; a LUN of an array whose two port groups are those of its canisters."""
    counters = b"".join(struct.pack(">HBBQ", n, 3, 8, 0) for n in range(7))
    log = {0x00: bytes([0, 2, 3, 5, 6, 0x0d, 0x0e, 0x10, 0x15, 0x2f]), 0x0d: bytes.fromhex("000003020022" "000103020041"),
           0x2f: bytes.fromhex("0000030400002200"), 0x02: counters, 0x03: counters, 0x05: counters,
           0x06: bytes.fromhex("000003080000000000000000"), 0x10: b"".join(struct.pack(">HBB16x", n, 3, 16) for n in range(1, 21)),
           0x0e: bytes.fromhex("0001030632303138" "3031" "0002030620202020" "2020" "0003030400002710" "0004030400000012"),
           0x15: bytes.fromhex("0000030c00100e10" "0000000000000000")}
    inquiry = bytes.fromhex("00000602") + bytes([91, 0, 0, 0]) + b"ACME    SAS DISK 2TB    0004" + bytes(60)
    op = cdb[:2]
    if op == "4d":
        page = int(cdb[4:6], 16) & 0x3f
        return bytes([page, 0]) + struct.pack(">H", len(log[page])) + log[page]
    if op == "12":
        port = bytes.fromhex("010300085000c500a1b2c3d4" "0115000400000001" "0114000400000001")
        return {"0180": b"\0\x80\0\x08SER00001", "0183": b"\0\x83" + struct.pack(">H", len(port)) + port}.get(cdb[2:6], inquiry)
    groups = bytes.fromhex("8083000100000001" "00000001" "0183000200000001" "00000002")
    return {"03": bytes.fromhex("70000000000000 0a 00000000000000000000".replace(" ", "")), "37": bytes.fromhex("000d0000"),
            "a3": struct.pack(">I", len(groups)) + groups, "28": bytes(512)}.get(op, b"")


SMARTCTL = {"json_format_version": [1, 0], "smartctl": {"exit_status": 0}, "device": {"protocol": "ATA"}, "model_name": "SIMDISK 2TB",
            "serial_number": "SER1", "firmware_version": "F1", "wwn": {"naa": 5, "oui": 3152, "id": 1}, "rotation_rate": 7200,
            "user_capacity": {"blocks": 3907029168, "bytes": 2000398934016}, "smart_status": {"passed": True},
            "temperature": {"current": 31}, "power_on_time": {"hours": 27900},
            "ata_smart_attributes": {"table": [
                {"id": n, "name": "Attribute_%d" % n, "value": 100, "worst": 100, "thresh": 10, "when_failed": "",
                 "flags": {"value": 51, "string": "PO--CK ", "prefailure": True, "updated_online": True},
                 "raw": {"value": {9: 27900, 194: 31}.get(n, 0), "string": "0"}} for n in (
                     1, 3, 4, 5, 7, 9, 10, 12, 184, 187, 188, 190, 191, 192, 193, 194, 197, 198, 199, 240)]}}


# ---- enclosure ----

ELEMENTS = ((0x17, DRIVES), (0x18, 2), (0x07, 2), (0x02, 2), (0x03, 4), (0x04, 6), (0x12, 4), (0x0e, 1))


def ses(page):
    def framed(body):
        return struct.pack(">BBHI", page, 0, len(body) + 4, 7) + body

    if page == 1:
        head = bytes([0x12, 0, len(ELEMENTS), 36]) + bytes.fromhex("5001405000face01") + b"ACME    TWO CANISTER BOX1.07"
        return framed(head + b"".join(bytes([kind, count, 0, 0]) for kind, count in ELEMENTS))
    if page == 2:
        return framed(b"".join(bytes(4) + b"".join(bytes([1, 0, 51 if kind == 4 else int(kind == 7 and not n), 0]) for n in range(count))
                               for kind, count in ELEMENTS))
    if page == 7:
        return framed(b"".join(bytes(4) + b"".join(struct.pack(">HH", 0, 8) + b"PART %3d" % n for n in range(count))
                               for kind, count in ELEMENTS))
    if page == 0xa:
        return framed(b"".join(bytes([0x16, 34, 0, n, 1, 0, 0, n]) + bytes(12) + bytes.fromhex("5000c500a1b2c3%02x" % n) + bytes(8)
                               for n in range(DRIVES)))
    return framed(bytes([0, 0, 0]) + bytes(13))


# ---- what has no device ----

MULTIPATH = {"major_version": 0, "minor_version": 1, "maps": [
    {"name": "mpath%d" % m, "uuid": "36001405%024d" % m, "sysfs": "dm-%d" % m, "failback": "immediate", "queueing": "12 chk",
     "paths": 4, "write_prot": "rw", "dm_st": "active", "features": "1 queue_if_no_path", "action": "", "path_faults": 0,
     "vend": "ACME", "prod": "SAN", "rev": "1.07", "path_groups": [
         {"selector": "service-time 0", "pri": 50 - 40 * g, "dm_st": "active", "group": g + 1, "paths": [
             {"dev": "sd%c" % (97 + 4 * m + 2 * g + p), "dev_t": "8:%d" % (16 * p), "dm_st": "active", "dev_st": "running",
              "chk_st": "ready", "checker": "tur", "pri": 50 - 40 * g, "host_wwnn": "[undef]", "target_wwnn": "iqn.2026-01.example",
              "host_wwpn": "[undef]", "target_wwpn": "[undef]", "host_adapter": "[undef]"} for p in range(2)]}
         for g in range(2)]} for m in range(4)]}

EXEC = [{"kind": "canister", "id": c, "state": "ok", "raw": "online", "firmware": "7.8.1.11"} for c in "AB"] + [
    {"kind": "drive", "id": "slot%d" % n, "state": "ok", "raw": "online", "serial": "S3A0N%03d" % n, "firmware": "B3F7",
     "facts": {"temperature_celsius": 31, "power_on_hours": 27900, "reallocated_sectors": 0, "pending_sectors": 0,
               "reported_uncorrectable": 0, "wear_percent": 3}} for n in range(DRIVES)] + [{"end": True, "count": DRIVES + 2}]

NAGIOS = b"OK - 24 drives, 2 controllers, 4 fans | 'drives ok'=24;23;22;0;24 fans=4;3;2;0;4 temp=31C;45;55 time=0.211s\n"
SYSLOG = b"<27>1 2026-11-24T10:00:00Z san1 svc 7 - - node error 690: the node is held in service state"


def ber(tag, body):
    return bytes([tag, len(body)]) + body if len(body) < 128 else bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


def trap():
    def var(name, value):
        return ber(0x30, ber(6, bytes.fromhex(name)) + value)

    texts = ("# Error ID = 990543 : canister B offline", "# Error Code = 1370 : node error", "# System Name = san1", "# Object Type = node",
             "# Object ID = 2", "# Timestamp = Tue Nov 24 10:00:00 2026")
    ibm = "2b06010401028146820601"
    variables = var("2b060102010103 00".replace(" ", ""), ber(0x43, b"\1\0")) + var(
        "2b060106030101040100", ber(6, bytes.fromhex(ibm)))
    variables += b"".join(var("2b0601040102814682060400%02x" % n, ber(4, t.encode())) for n, t in enumerate(texts, 1))
    pdu = ber(2, b"\1") + ber(2, b"\0") + ber(2, b"\0") + ber(0x30, variables)
    return ber(0x30, ber(2, b"\1") + ber(4, b"public") + ber(0xa7, pdu))


# ---- management planes: the models that the system tests talk to, with as many drives as a shelf holds ----

def msa():
    model = planes.Msa()
    model.disks = ["OK"] * DRIVES
    return model


def shelf(body, key="drives"):
    rows = body.get(key) if isinstance(body, dict) else None
    if rows and "worldWideName" in rows[0]:
        body[key] = [dict(rows[0], worldWideName="5000CCA0ABCDEF%02X0000000000000000" % n, physicalLocation={"trayRef": "0E", "slot": n})
                     for n in range(1, DRIVES + 1)]
    return body


class Rest:
    """Two canisters' worth of one model; any login will do, since the tokens are tested elsewhere."""

    def __init__(self, model):
        self.model, self.canister = model, types.SimpleNamespace(logins=0, tokens=set(), address="127.0.0.1:7443")
        model.hosts += ["127.0.0.1", "127.0.0.2"]

    def __call__(self, method, path):
        headers = {"Authorization": getattr(self.model, "basic", "")}
        body = {"userId": planes.USER, "password": planes.PASSWORD} if path.endswith("utils/login") else {
            "UserName": planes.USER, "Password": planes.PASSWORD}
        request = types.SimpleNamespace(path=path, headers=headers)
        reply = self.model.login(request, json.dumps(body) if method == "POST" else "", self.canister) or self.model.get(path)
        status, body, headers = (tuple(reply) + ((),))[:3]
        return status, "".join("%s: %s\r\n" % h for h in headers), body if isinstance(body, bytes) else json.dumps(shelf(body)).encode()


class Spectrum:
    def __init__(self):
        self.model = arrays.Spectrum()
        self.model.views["lsdrive"] = [dict(self.model.views["lsdrive"][0], id=str(n), slot_id=str(n + 1)) for n in range(DRIVES)]

    def __call__(self, method, path):
        parts = path.split("/rest/v1/")[-1].split("/") if "/rest/v1/" in path else path.split("/rest/")[-1].split("/")
        if parts[0] == "auth":
            return 200, "", b'{"token": "t1"}'
        what = self.model.view(parts[0], parts[1] if len(parts) > 1 else "")
        return (404, "", b"no such view") if what is None else (200, "", json.dumps(what).encode())


PLANES = {"spectrum": Spectrum, "mc": lambda: Rest(msa()), "santricity": lambda: Rest(planes.ESeries()),
          "redfish": lambda: Rest(planes.Redfish())}


def answers(name):
    """A function from a key to its answer, for one poll."""
    plane = PLANES.get(name.split("-")[0])
    rest = plane and plane()
    texts = {"ata": ata, "smartctl": lambda: json.dumps(SMARTCTL, indent=1).encode(), "multipathd": lambda: json.dumps(MULTIPATH).encode(),
             "exec": lambda: "".join(json.dumps(o) + "\n" for o in EXEC).encode(), "nagios": lambda: NAGIOS, "syslog": lambda: SYSLOG,
             "trap": trap}

    def answer(key):
        what, *more = key.split()
        if rest:
            return rest(what, more[0])
        return 0, "", (nvme(*more) if what == "nvme" else scsi(*more) if what == "scsi" else ses(int(more[0], 16)) if what == "ses" else
                       texts[what]())
    return answer


# ---- sysfs ----

FC = "devices/pci0000:00/0000:05:00.0/host2/rport-2:0-1/target2:0:1/2:0:1:3/block/sdc"
TCP = "devices/virtual/nvme-fabrics/ctl/nvme1"


def sysfs(root):
    """A host with two md arrays, a path of a Fibre Channel LUN and an NVMe controller; name of the poll -> its folder."""
    def put(path, text):
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(text + "\n")

    for name, disks, level in (("md0", "ab", "raid1"), ("md1", "cdefgh", "raid6")):
        md = {"level": level, "raid_disks": str(len(disks)), "degraded": "0", "array_state": "clean", "sync_action": "idle",
              "sync_completed": "none", "layout": "2" if level == "raid6" else "0"}
        for attribute, text in md.items():
            put("block/%s/md/%s" % (name, attribute), text)
        for n, d in enumerate(disks):
            put("block/%s/md/dev-sd%s/state" % (name, d), "in_sync")
            put("block/%s/md/dev-sd%s/slot" % (name, d), str(n))
    for path, text in (("class/fc_remote_ports/rport-2:0-1/port_name", "0x50050768010a1b2c"),
                       ("class/fc_remote_ports/rport-2:0-1/port_state", "Online"), ("class/fc_host/host2/port_name", "0x10000090fa123456"),
                       ("class/fc_host/host2/port_state", "Online"), (FC + "/device/state", "running"),
                       (FC + "/queue/logical_block_size", "512"), (TCP + "/address", "traddr=192.0.2.7,trsvcid=4420,src_addr=192.0.2.1"),
                       (TCP + "/subsysnqn", "nqn.2014-08.org.example:uuid:0011223344"), (TCP + "/state", "live"),
                       (TCP + "/nvme1c1n1/ana_state", "optimized")):
        put(path, text)
    return {"layout": root, "alua": os.path.join(root, FC), "ana": os.path.join(root, TCP)}
