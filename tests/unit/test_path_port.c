/* What sysfs says of the way to a unit: trees as the kernel lays them out, made in a folder of their own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/describe.h"
#include "probes/path_port.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static void put(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	format_text(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "%s\n", text) > 0);
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **unused)
{
	(void)unused;
	format_text(root, sizeof(root), "/tmp/ballast-sys-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **unused)
{
	(void)unused;
	return nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

#define FC    "devices/pci0000:00/0000:05:00.0/host2/rport-2:0-1/target2:0:1/2:0:1:3/block/sdc"
#define ISCSI "devices/platform/host3/session2/target3:0:0/3:0:0:1/block/sdd"
#define SAS   "devices/pci0000:00/0000:06:00.0/host4/port-4:0/end_device-4:0/target4:0:0/4:0:0:0/block/sde"
#define TCP   "devices/virtual/nvme-fabrics/ctl/nvme1"
#define PCIE  "devices/pci0000:00/0000:07:00.0/nvme/nvme2"

static void fill(void)
{
	put("class/fc_remote_ports/rport-2:0-1/port_name", "0x50050768010a1b2c");
	put("class/fc_remote_ports/rport-2:0-1/port_state", "Online");
	put("class/fc_host/host2/port_name", "0x10000090fa123456");
	put("class/fc_host/host2/port_state", "Online");
	put(FC "/device/state", "running");
	put("class/iscsi_session/session2/targetname", "iqn.1992-04.com.example:storage.node1");
	put("class/iscsi_session/session2/ifacename", "default");
	put("class/iscsi_session/session2/state", "LOGGED_IN");
	put("class/iscsi_connection/connection2:0/persistent_address", "192.0.2.5");
	put("class/iscsi_connection/connection2:0/persistent_port", "3260");
	put(ISCSI "/device/state", "running");
	put("class/sas_device/end_device-4:0/sas_address", "0x500c0ff012345678");
	put("class/scsi_host/host4/host_sas_address", "0x500605b000000001");
	put(SAS "/device/state", "running");
	put(TCP "/address", "traddr=192.0.2.7,trsvcid=4420,src_addr=192.0.2.1");
	put(TCP "/subsysnqn", "nqn.2014-08.org.example:uuid:0011223344");
	put(TCP "/state", "live");
	put(TCP "/nvme1c1n1/ana_state", "optimized");
	put(TCP "/nvme1c1n2/ana_state", "non-optimized");
	put(PCIE "/address", "0000:07:00.0");
	put(PCIE "/state", "live");
}

static const char *name_of(const char *path, const char *transport, enum drive_class class)
{
	static struct device_event e;
	struct device_event drive = {.kind = KIND_DRIVE, .drive_class = (uint8_t)class,
		.bus = class == CLASS_NVME ? BUS_NVME : BUS_SCSI};

	format_text(drive.sysfs, sizeof(drive.sysfs), "%s/%s", root, path);
	copy_text(drive.transport, sizeof(drive.transport), transport);
	assert_true(describe_path(&drive, &e));
	assert_int_equal(e.kind, KIND_PATH);
	assert_int_equal(e.bus, BUS_SCSI);
	return e.name;
}

static void test_names_outlive_a_restart(void **unused)
{
	(void)unused;
	fill();
	assert_string_equal(name_of(FC, "fc", CLASS_SCSI_SSD),
		"fc:0x10000090fa123456:0x50050768010a1b2c:lun3");
	assert_string_equal(
		name_of(ISCSI, "iscsi", CLASS_SCSI_SSD), "iscsi:e:storage.node1:192.0.2.5:3260:lun1");
	assert_string_equal(name_of(SAS, "sas", CLASS_SCSI_HDD),
		"sas:0x500605b000000001:0x500c0ff012345678:lun0");
	assert_string_equal(name_of(TCP, "tcp", CLASS_NVME), "tcp:uuid:0011223344:192.0.2.7:4420");
	assert_string_equal(name_of(PCIE, "pcie", CLASS_NVME), "pcie:0000:07:00.0");
	assert_string_equal(name_of("devices/x/host5/target5:0:0/5:0:0:2/block/sdf", "", CLASS_SCSI_HDD),
		"scsi:5:0:0:2");
}

/* Only what an array made is one of its units: a drive on two ports is none. */
static void test_whose_unit_it_leads_to(void **unused)
{
	static const struct {
		const char *name, *unit;
	} t[] = {{"wwn-0x60014050123456789abcdef012345678", "0x60014050123456789abcdef012345678"},
		{"wwn-0x5000c500a1b2c3d4", ""}, {"wwn-0x30014050123456789abcdef012345678", ""}, {"wwn-0x6001405012345678", ""},
		{"wwn-0x60014050123456789abcdef0123456789", ""}, {"wwn-0x6001405012345678-abcdef012345678", ""},
		{"serial-0x60014050123456789abcdef012345678", ""}, {"", ""}};

	(void)unused;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct device_event e, drive = {.kind = KIND_DRIVE, .bus = BUS_SCSI, .transport = "fc"};

		format_text(drive.sysfs, sizeof(drive.sysfs), "%s/%s", root, FC);
		copy_text(drive.name, sizeof(drive.name), t[i].name);
		assert_true(describe_path(&drive, &e));
		assert_string_equal(e.unit, t[i].unit);
	}
}

static void test_what_is_no_path(void **unused)
{
	struct device_event e, usb = {.bus = BUS_SCSI, .transport = "usb"}, ata = {.bus = BUS_ATA};

	(void)unused;
	assert_false(describe_path(&usb, &e));
	assert_false(describe_path(&ata, &e));
}

static enum state state_of(const char *path, char *raw)
{
	char sysfs[320];
	struct path_state s;

	format_text(sysfs, sizeof(sysfs), "%s/%s", root, path);
	if (strstr(path, "nvme"))
		path_nvme_state(sysfs, &s);
	else
		path_port_state(sysfs, &s);
	memcpy(raw, s.raw, PATH_RAW);
	return (enum state)s.state;
}

static void test_each_part_of_the_way_counts(void **unused)
{
	static const struct {
		const char *path, *file, *word, *well;
		enum state want;
	} cases[] = {
		/* clang-format off */
		{FC, "class/fc_remote_ports/rport-2:0-1/port_state", "Blocked", "Online", STATE_TRANSITION},
		{FC, "class/fc_remote_ports/rport-2:0-1/port_state", "Not Present", "Online", STATE_FAILED},
		{FC, "class/fc_host/host2/port_state", "Linkdown", "Online", STATE_FAILED},
		{FC, FC "/device/state", "transport-offline", "running", STATE_FAILED},
		{FC, FC "/device/state", "odd", "running", STATE_UNKNOWN},
		{ISCSI, "class/iscsi_session/session2/state", "FAILED", "LOGGED_IN", STATE_FAILED},
		{ISCSI, ISCSI "/device/state", "blocked", "running", STATE_TRANSITION},
		{SAS, SAS "/device/state", "offline", "running", STATE_FAILED},
		{TCP, TCP "/state", "connecting", "live", STATE_FAILED},
		{TCP, TCP "/state", "resetting", "live", STATE_TRANSITION},
		{TCP, TCP "/nvme1c1n1/ana_state", "inaccessible", "optimized", STATE_DEGRADED},
		{TCP, TCP "/nvme1c1n1/ana_state", "invalid state", "optimized", STATE_UNKNOWN},
		/* clang-format on */
	};
	char raw[PATH_RAW];

	(void)unused;
	fill();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(state_of(cases[i].path, raw), STATE_OK);
		put(cases[i].file, cases[i].word);
		if (state_of(cases[i].path, raw) != cases[i].want || !strstr(raw, cases[i].word))
			fail_msg("%s %s: %s", cases[i].file, cases[i].word, raw);
		put(cases[i].file, cases[i].well);
	}
	assert_int_equal(state_of("devices/gone/nvme9", raw), STATE_ABSENT);
}

struct told_ways {
	unsigned n, nsid[4];
	char unit[4][UNIT_LEN];
	enum state state[4];
};

static void note_way(const struct nvme_way *w, void *arg)
{
	struct told_ways *t = arg;
	unsigned i = t->n++;

	/* a folder lists them in any order */
	for (; i && t->nsid[i - 1] > w->nsid; i--) {
		t->nsid[i] = t->nsid[i - 1];
		t->state[i] = t->state[i - 1];
		copy_text(t->unit[i], UNIT_LEN, t->unit[i - 1]);
	}
	t->nsid[i] = w->nsid;
	t->state[i] = (enum state)w->state.state;
	copy_text(t->unit[i], UNIT_LEN, w->unit);
}

static struct told_ways ways_of(const char *path)
{
	struct told_ways t = {};
	char sysfs[320];

	format_text(sysfs, sizeof(sysfs), "%s/%s", root, path);
	assert_true(path_nvme_ways(sysfs, note_way, &t));
	return t;
}

static void test_each_namespace_is_a_way_of_its_own(void **unused)
{
	struct told_ways t;

	(void)unused;
	fill();
	put(TCP "/transport", "tcp");
	put(TCP "/nvme1c1n1/wwid", "uuid.8d1a2b3c-0000-4000-8000-0123456789ab");
	put(TCP "/nvme1c1n1/nsid", "1");
	put(TCP "/nvme1c1n2/wwid", "eui.00112233445566778899aabbccddeeff");
	put(TCP "/nvme1c1n2/nsid", "7");
	put(TCP "/nvme1c1n3/wwid", "nvme.1344-53313233-4d6f64656c-00000003");
	put(TCP "/nvme1c1n3/nsid", "8");
	put(TCP "/nvme1n4/wwid", "eui.0011223344556677");
	put(TCP "/nvme1n4/nsid", "9");
	t = ways_of(TCP);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.nsid[0], 1);
	assert_string_equal(t.unit[0], "8d1a2b3c-0000-4000-8000-0123456789ab");
	assert_int_equal(t.state[0], STATE_OK);
	assert_int_equal(t.nsid[1], 7);
	assert_string_equal(t.unit[1], "eui.00112233445566778899aabbccddeeff");
	put(TCP "/nvme1c1n2/ana_state", "persistent-loss");
	t = ways_of(TCP);
	assert_int_equal(t.state[0], STATE_OK);
	assert_int_equal(t.state[1], STATE_FAILED);
	put(TCP "/nvme1c1n2/ana_state", "purple");
	assert_int_equal(ways_of(TCP).state[1], STATE_UNKNOWN);
	put(TCP "/state", "connecting");
	t = ways_of(TCP);
	assert_int_equal(t.state[0], STATE_FAILED);
	assert_int_equal(t.state[1], STATE_FAILED);
	/* a drive is no array, whatever namespaces it has */
	put(TCP "/transport", "pcie");
	assert_int_equal(ways_of(TCP).n, 0);
	assert_int_equal(ways_of("devices/gone/nvme9").n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_outlive_a_restart, set_up, tear_down),
		cmocka_unit_test(test_whose_unit_it_leads_to),
		cmocka_unit_test(test_what_is_no_path),
		cmocka_unit_test_setup_teardown(test_each_part_of_the_way_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_each_namespace_is_a_way_of_its_own, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
