#!/usr/bin/env python3
"""seeds.py OUTDIR - first inputs for the fuzzers, made here; real drives' blobs are added where they are."""
import os
import re
import struct
import sys

OUT = sys.argv[1]
DATA = os.environ.get("BALLAST_DATA", "")


def put(fuzzer, name, body):
    folder = os.path.join(OUT, fuzzer)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(body)


def sealed(page):
    page = bytearray(page[:511].ljust(512, b"\0"))
    page[511] = -sum(page[:511]) & 0xff
    return bytes(page)


def smart():
    rows = [(5, 0x33, 100, 3), (9, 0x32, 90, 8760), (187, 0x32, 100, 0), (194, 0x22, 30, 34), (197, 0x12, 100, 0)]
    data, thresholds = struct.pack("<H", 16), struct.pack("<H", 16)
    for id, flags, value, raw in rows:
        data += struct.pack("<BHBBIHB", id, flags, value, value, raw, 0, 0)
        thresholds += struct.pack("<BB10x", id, 10)
    return sealed(data), sealed(thresholds)


def identify():
    page = bytearray(512)
    page[54:94] = b"".join(bytes([b, a]) for a, b in zip(*[iter("SIMDISK 2TB".ljust(40).encode())] * 2))
    page[510] = 0xa5
    return sealed(page)


def block(tag, body):
    return tag + struct.pack(">I", len(body)) + body


def ata():
    data, thresholds = smart()
    put("fuzz_ata", "pages", data + thresholds)
    put("fuzz_ata", "blob", block(b"IDFY", identify()) + block(b"SMST", b"\0\0\0\1") + block(b"SMDT", data) +
        block(b"SMTH", thresholds))
    put("fuzz_ata", "descriptor", bytes.fromhex("7201001d0000000e090c0000008200110f4f00c24050"))
    put("fuzz_ata", "fixed", bytes.fromhex("700001005040821000114fc2001d"))
    folder = os.path.join(DATA, "ata-blobs")
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), "rb") as f:
            put("fuzz_ata", name, f.read())


def nvme():
    smart = bytearray(4096)
    smart[0:6] = bytes([0, 0x39, 1, 100, 10, 3])
    put("fuzz_nvme", "smart", bytes(smart))
    put("fuzz_nvme", "short", bytes(smart[:512]))
    controller = bytearray(4096)
    controller[4:72] = b"NVM1".ljust(20) + b"SIMNVME".ljust(40) + b"N1.2".ljust(8)
    put("fuzz_nvme", "controller", bytes(controller))


def scsi():
    for name, page in {
            "temperature": "0d00000c0000030200220001030200 41", "exceptions": "2f00000800000304 5d102200",
            "scan": "1500001400000310 00000e10000100000000000000000000", "errors": "0300000c00060308 0000000000000102",
            "wwn": "0083000c0103000850 00c500a1b2c3d4", "sense": "f0000600000000 0a0000000029020000 0000",
            "serial": "0080000431323334"}.items():
        put("fuzz_scsi", name, bytes.fromhex(page.replace(" ", "")))


def paths():
    for name, page in {
            "groups": "0000001c 80cf000100020002 00000001 00000002 01cf000200020001 00000003",
            "port": "00830010 01140004 00000003 01150004 00000002"}.items():
        put("fuzz_path", name, bytes.fromhex(page.replace(" ", "")))
    for word in ("running", "LOGGED_IN", "Online", "live", "non-optimized", "ready"):
        put("fuzz_path", word, word.encode() + b"\n")
    put("fuzz_path", "address", b"traddr=10.0.0.1,trsvcid=4420")


def ses():
    def page(code, body):
        return struct.pack(">BBHI", code, 0, len(body) + 4, 7) + body

    enclosure = bytes([0x12, 0, 3, 36]) + bytes.fromhex("500140 50face0001") + b"ACME    TWO CANISTER BOX1.07"
    types = bytes([0x17, 2, 0, 0, 0x07, 2, 0, 0, 0x02, 1, 0, 0])
    slot = bytes.fromhex("16220000010000 0a" + "00" * 12 + "5000c500a1b2c3d4" + "00" * 8)
    put("fuzz_ses", "pages", page(1, enclosure + types) + page(2, bytes([0, 0, 0, 0, 1, 0, 0, 0] * 4)) +
        page(7, bytes([0, 0, 0, 2, 65, 66] * 8)) + page(0xa, slot) + page(0xe, bytes([0, 0, 0x11] + [0] * 13)))


def multipath():
    path = b'{"dev":"sda","chk_st":"%s"}'
    body = (b'{"maps":[{"name":"mpatha","uuid":"36001405aa","sysfs":"dm-0","queueing":"12 chk","features":"1 queue_if_no_path",'
            b'"path_faults":1,"vend":"LIO-ORG","path_groups":[{"paths":[%s,%s]}]}]}')
    put("fuzz_multipath", "one", body % (path % b"ready", path % b"faulty"))
    put("fuzz_multipath", "none", body % (path % b"faulty", path % b"undef"))


def layout():
    put("fuzz_layout", "mirror", b"  pool: tank\n state: ONLINE\n  scan: none requested\nconfig:\n\n\ttank  ONLINE\n"
        b"\t  mirror-0  ONLINE\n\t    /dev/sda1  ONLINE\n\t    /dev/sdb1  ONLINE\n\nerrors: No known data errors\n")
    put("fuzz_lvm", "raid1", b"raid\nraid1 3 0 region_size 4096 2 254:0 254:1 254:2 254:3\nraid1 2 AA 49152/49152 idle 0 0 -\n")
    put("fuzz_lvm", "raid10", b"raid\nraid10 7 128 region_size 1024 raid10_format far raid10_copies 2 2 254:0 254:1 254:2 254:3\n"
        b"raid10 2 Aa 9/49152 recover 0 0 -\n")
    put("fuzz_lvm", "old", b"mirror\n\n2 254:1 254:2 100/100 1 AD 3 disk 254:0 A\n")


def lines():
    put("fuzz_exec", "answer", b'{"kind":"canister","id":"A","state":"ok","facts":{"x":1.5},"booted":'
        b'"2026-01-02T03:04:05Z"}\n{"end":true,"count":1}\n')
    put("fuzz_nagios", "perfdata", b"\x01WARNING - 2 of 4 fans | 'fans ok'=2;3;1;0;4 time=0.2s\nfan 3\n| temp=31.5C x=U\n")


def planes():
    """What management planes say: two answers, a NUL between them; all of others' captures that are here."""
    canister = (b'{"controllers":[{"controller-id":"A","status":"Operational","health":"OK","failed-over":"No",'
                b'"network-parameters":[{"ip-address":"10.0.0.1"}]}]}')
    system = (b'{"system":[{"health":"OK","redundancy":[{"redundancy-mode":"Failed Over","controller-b-status":"Down"}]}],'
              b'"enclosures":[{"enclosure-id":1,"status":"OK"}],"power-supplies":[{"durable-id":"psu_1.1","status":"Up"}],'
              b'"fan":[{"durable-id":"fan_1.1","status":"Up"}],"disk-groups":[{"name":"d","status":"FTOL","raidtype":"RAID6"}],"pools":[{"name":"A","health":"OK","over-committed":"True","total-size-numeric":9,"total-avail-numeric":1}],'
              b'"drives":[{"location":"1.1","serial-number":"S","status":"Up","disk-group":"d"}],'
              b'"status":[{"return-code":0}],"controller-statistics":[{"durable-id":"controller_A","power-on-time":9}]}')
    put("fuzz_mc", "json", canister + b"\0" + system)
    put("fuzz_mc", "xml", b'<RESPONSE><OBJECT basetype="controllers" name="c"><PROPERTY name="controller-id">B</PROPERTY>'
        b'<PROPERTY name="status">Down</PROPERTY></OBJECT></RESPONSE>\0' + system)
    for view, text in enumerate((b"id|status|total_canisters|online_canisters\n1|online|2|1\n",
                                 b"enclosure_id|PSU_id|status\n1|1|online\n")):
        put("fuzz_spectrum", "cli-%d" % view, bytes([view]) + text)
    put("fuzz_spectrum", "quorum", bytes([15]) + b"quorum_index|status|active\n0|online|yes\n")
    put("fuzz_spectrum", "nodes", b"\x85" + b'[{"id":"1","name":"node1","status":"service","enclosure_id":"1","canister_id":"2"}]')
    put("fuzz_santricity", "all", b'[{"id":"1","status":"optimal","passwordStatus":"valid"}]\0'
        b'[{"status":"optimal","controllerErrorMode":"notInErrorMode","active":true,"bootTime":"1559250000",'
        b'"physicalLocation":{"label":"A"},"netInterfaces":[{"ethernet":{"ipv4Address":"10.0.0.1"}}]}]\0'
        b'[{"failureType":"offlineCtl","objectType":"controller","objectRef":"0701"},{"failureType":"failedDrive","objectRef":"0101"}]\0[{"label":"p","volumeGroupRef":"04","state":"complete","raidLevel":"raid6"}]\0'
        b'{"trays":[{"trayRef":"0E","trayId":99,"esmMiswire":false}],"powerSupplies":[{"status":"optimal"}],"fans":[],'
        b'"drives":[{"worldWideName":"5000CCA0ABCDEF01","status":"optimal","currentVolumeGroupRef":"04","driveRef":"0101"}]}\0'
        b'{"startingSeqNum":"1","endingSeqNum":"9"}\0[{"sequenceNumber":7,"eventType":8812,"critical":true,"description":"x"}]')
    put("fuzz_redfish", "storage", b'{"@odata.id":"/redfish/v1/Storage/a","Status":{"State":"Enabled","Health":"OK"},'
        b'"Redundancy":[{"MinNumNeeded":1,"RedundancySet":[{"@odata.id":"/redfish/v1/Storage/a"},'
        b'{"@odata.id":"/redfish/v1/Storage/b"}]}],"Drives":[{"@odata.id":"/redfish/v1/Chassis/1/Drives/1"}],'
        b'"StorageControllers":[{"MemberId":"A","Status":{"Health":"OK"}}]}\0{"@odata.id":"x","SerialNumber":"S",'
        b'"Members":[{"@odata.id":"/redfish/v1/Storage/a"}],"PowerSupplies":[{"MemberId":"0","Status":{"Health":"OK"}}],'
        b'"SupportedRAIDTypes":["RAID5"],"CapacitySources":[{"ProvidingDrives":{"@odata.id":"/redfish/v1/d"}}],'
        b'"Identifiers":[{"DurableNameFormat":"NAA","DurableName":"500003942810D13A"}],"Status":{"Health":"OK"}}')
    for target, folder in ("fuzz_mc", "msa-cli"), ("fuzz_redfish", "swordfish"):
        for where, _, names in os.walk(os.path.join(DATA, folder)) if DATA else ():
            for n, name in enumerate(names):
                with open(os.path.join(where, name), "rb") as f:
                    put(target, "%s-%d" % (os.path.basename(where), n), f.read() + b"\0" + system)


def heard():
    put("fuzz_syslog", "old", b"<187>Oct 11 22:14:15 san1 svc[7]: node error 690\n")
    put("fuzz_syslog", "new", b'68 <27>1 2026-11-24T10:00:00Z san1 svc - - [a b="c\\]"] needs service\n<13>x')
    var = bytes.fromhex("3016060a2b0601040102065b0401040823206572726f72203d")
    var = bytes([0x30, len(var)]) + var
    pdu = bytes.fromhex("06082b060104010206be4004c00002070201060201014301 00".replace(" ", "")) + var
    body = bytes.fromhex("0201000406707562 6c6963".replace(" ", "")) + bytes([0xa4, len(pdu)]) + pdu
    put("fuzz_snmp", "v1", bytes([0x30, len(body)]) + body)


def smartctl():
    put("fuzz_smartctl", "scan", b'\0{"smartctl":{"exit_status":0},"devices":[{"name":"/dev/bus/0","type":"megaraid,8"}]}')
    put("fuzz_smartctl", "ata", b'\0{"json_format_version":[1,0],"smartctl":{"exit_status":0},"device":{"protocol":"ATA"},'
        b'"serial_number":"S","wwn":{"naa":5,"oui":3152,"id":1},"rotation_rate":7200,"smart_status":{"passed":true},'
        b'"ata_smart_attributes":{"table":[{"id":5,"value":100,"worst":100,"thresh":36,"flags":{"value":51},"raw":{"value":3}}]}}')
    put("fuzz_smartctl", "nvme", b'\0{"json_format_version":[1,0],"smartctl":{"exit_status":0},"device":{"protocol":"NVMe"},'
        b'"serial_number":"S","nvme_smart_health_information_log":{"critical_warning":4,"percentage_used":1,"num_err_log_entries":2}}')
    folder = os.path.join(DATA, "smartctl-json")
    for name in os.listdir(folder)[:20] if DATA and os.path.isdir(folder) else ():
        with open(os.path.join(folder, name), "rb") as f:
            put("fuzz_smartctl", name, b"\0" + f.read())


def marks():
    # edits of tests/fixtures/marks-1.json: none, one byte, cut off in the middle
    for name, edits in {"none": "00", "byte": "0002000000", "cut": "0008010000"}.items():
        put("fuzz_marks", name, bytes.fromhex(edits))


def yaml():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    folder = os.path.join(root, "tests", "scenarios")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as f:
            put("fuzz_scenario", name, f.read())
    with open(os.path.join(root, "packaging", "ballast.yaml"), "rb") as f:
        sample = f.read()
    put("fuzz_config", "sample", sample)
    # its examples are comments without a single blank behind the '#'
    put("fuzz_config", "full", re.sub(rb"(?m)^#(?! [^ ]|$)", b"", sample))
    with open(os.path.join(root, "agent", "advisories.yaml"), "rb") as f:
        put("fuzz_advisories", "compiled-in", f.read())


ata()
nvme()
scsi()
paths()
ses()
multipath()
layout()
lines()
planes()
heard()
smartctl()
marks()
yaml()
