#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "agent/audit.h"
#include "agent/ctl.h"
#include "build_model.h"
#include "fake_engine.h"

/* A host on paper: /proc and /sys as files and links below a directory. */
static char root[64];

static void below(char path[256], const char *name)
{
	format_text(path, 256, "%s/%s", root, name);
	for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	below(path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void dir(const char *name)
{
	char path[256], slash[256];

	format_text(slash, sizeof(slash), "%s/", name);
	below(path, slash);
}

static void link_to(const char *name, const char *target)
{
	char path[256], full[256];

	below(path, name);
	format_text(full, sizeof(full), "%s/%s", root, target);
	assert_int_equal(symlink(full, path), 0);
}

/* A whole disk and its first partition, numbers 8:@minor and 8:@minor+1. */
static void disk(const char *bus, const char *name, unsigned minor, const char *wwid, const char *vendor)
{
	char dev[128], path[160], number[64];

	format_text(dev, sizeof(dev), "sys/devices/%s/block/%s", bus, name);
	format_text(path, sizeof(path), "%s/device/wwid", dev);
	put(path, wwid);
	format_text(path, sizeof(path), "%s/device/vendor", dev);
	put(path, vendor);
	format_text(path, sizeof(path), "%s/%s1/partition", dev, name);
	put(path, "1\n");
	format_text(number, sizeof(number), "sys/dev/block/8:%u", minor);
	link_to(number, dev);
	format_text(path, sizeof(path), "sys/class/block/%s", name);
	link_to(path, dev);
	format_text(path, sizeof(path), "%s/%s1", dev, name);
	format_text(number, sizeof(number), "sys/dev/block/8:%u", minor + 1);
	link_to(number, path);
	format_text(number, sizeof(number), "sys/class/block/%s1", name);
	link_to(number, path);
}

static void mapping(const char *name, const char *number, const char *lower, const char *other)
{
	char dev[64], path[128], target[64];

	format_text(dev, sizeof(dev), "sys/devices/virtual/block/%s", name);
	for (int i = 0; i < 2; i++) {
		format_text(path, sizeof(path), "%s/slaves/%s", dev, i ? other : lower);
		format_text(target, sizeof(target), "sys/class/block/%s", i ? other : lower);
		if (!i || other)
			link_to(path, target);
	}
	format_text(path, sizeof(path), "sys/dev/block/%s", number);
	link_to(path, dev);
	format_text(path, sizeof(path), "sys/class/block/%s", name);
	link_to(path, dev);
}

static int setup(void **unused)
{
	(void)unused;
	copy_text(root, sizeof(root), "/tmp/ballast-audit-XXXXXX");
	assert_non_null(mkdtemp(root));
	disk("pci0/ata1", "sda", 0, "naa.5000c50000000001\n", "ATA     \n");
	disk("pci0/host1/rport-1:0-0", "sdb", 16, "naa.600507680001\n", "IBM     \n");
	disk("pci0/host2/rport-2:0-0", "sdc", 32, "naa.600507680001\n", "IBM     \n");
	mapping("dm-0", "253:0", "sdb", "sdc"); /* multipath */
	mapping("dm-1", "253:1", "dm-0", NULL); /* a volume on it */
	mapping("dm-2", "253:2", "sda1", NULL);
	dir("sys/devices/virtual/block/loop0/loop");
	put("sys/devices/virtual/block/loop0/loop/backing_file", "/srv/image\n");
	link_to("sys/dev/block/7:0", "sys/devices/virtual/block/loop0");
	dir("sys/fs/btrfs/1111/devices");
	link_to("sys/fs/btrfs/1111/devices/sda1", "sys/class/block/sda1");
	link_to("sys/fs/btrfs/1111/devices/sdb1", "sys/class/block/sdb1");
	return 0;
}

static int remove_below(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char name[512];
		struct stat st;

		format_text(name, sizeof(name), "%s/%s", path, e->d_name);
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || lstat(name, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			remove_below(name);
		else
			unlink(name);
	}
	if (d)
		closedir(d);
	return rmdir(path);
}

static int teardown(void **unused)
{
	(void)unused;
	return remove_below(root);
}

static struct audit *look(const char *mounts, const char *swaps)
{
	struct audit *a = calloc(1, sizeof(*a));

	assert_non_null(a);
	put("proc/self/mountinfo", mounts);
	put("proc/swaps", swaps);
	assert_int_equal(audit_host(root, a), 0);
	return a;
}

static void disks_are(const struct audit_place *p, const char *expected)
{
	char text[256] = "";

	for (unsigned i = 0; i < p->ndisks; i++)
		format_text(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "", p->disk[i].name);
	assert_string_equal(text, expected);
}

static void test_every_layer_leads_to_disks(void **unused)
{
	static const struct {
		const char *line, *disks, *why;
		enum audit_basis basis;
	} cases[] = {
		{"1 0 8:1 / / rw - ext4 /dev/sda1 rw", "sda", "a partition is its disk", AUDIT_ON_DISKS},
		{"1 0 8:0 / /x rw shared:1 - xfs /dev/sda rw", "sda", "a whole disk", AUDIT_ON_DISKS},
		{"1 0 253:2 / /x rw - ext4 /dev/mapper/vg-x rw", "sda", "a volume on a partition", AUDIT_ON_DISKS},
		{"1 0 253:1 / /x rw - ext4 /dev/mapper/vg-y rw", "sdb sdc", "a volume on multipath", AUDIT_ON_DISKS},
		{"1 0 0:40 / /x rw - btrfs /dev/sda1 rw", "sda sdb", "all of a btrfs, not only the one named", AUDIT_ON_DISKS},
		{"1 0 0:5 / /x rw - tmpfs tmpfs rw", "", "memory", AUDIT_MEMORY},
		{"1 0 0:6 / /x rw - nfs4 nas:/export rw", "", "a server", AUDIT_ELSEWHERE},
		{"1 0 0:7 / /x rw - zfs tank/home rw", "", "not shown", AUDIT_UNCLEAR},
		{"1 0 9:9 / /x rw - ext4 /dev/gone rw", "", "sysfs does not know it", AUDIT_UNCLEAR},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct audit *a = look(cases[i].line, "Filename Type Size\n");

		if (a->nplaces != 1 || a->place[0].basis != cases[i].basis)
			fail_msg("%s: basis %d", cases[i].why, a->nplaces ? (int)a->place[0].basis : -1);
		disks_are(&a->place[0], cases[i].disks);
		free(a);
	}
}

static void test_a_loop_stands_where_its_file_does(void **unused)
{
	struct audit *a = look("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 253:1 / /srv rw - ext4 /dev/mapper/vg-y rw\n"
			       "3 1 7:0 / /mnt/with\\040blank ro - squashfs /dev/loop0 ro\n",
		"Filename Type Size Used Priority\n/dev/sda1 partition 1 0 -2\n/srv/swap file 1 0 -3\n");

	(void)unused;
	assert_int_equal(a->nplaces, 5);
	assert_string_equal(a->place[2].path, "/mnt/with blank");
	disks_are(&a->place[2], "sdb sdc");
	disks_are(&a->place[3], "sda");
	disks_are(&a->place[4], "sdb sdc");
	disks_are(audit_find(root, a, "/srv/data/x"), "sdb sdc");
	disks_are(audit_find(root, a, "/srvx"), "sda");
	assert_string_equal(a->place[1].disk[0].transport, "fc");
	assert_string_equal(a->place[0].disk[0].transport, "");
	free(a);
}

static void test_bind_mounts_are_told_once(void **unused)
{
	struct audit *a = look("1 0 8:1 /x /var/lib/x rw - ext4 /dev/sda1 rw\n2 1 8:1 / /var rw - ext4 /dev/sda1 rw\n", "");

	(void)unused;
	assert_string_equal(a->place[0].path, "/var");
	assert_int_equal(a->place[0].also, 1);
	assert_true(a->place[1].untold);
	free(a);
}

/* What ballastctl says about it. */
static int audit_status(struct model *m, const char *mounts, char **ret_out)
{
	char words[2][16] = {"ballastctl", "audit"}, *argv[3] = {words[0], words[1]};
	struct ctl c = {.fd = -1, .fixed_clock = true, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL, .root = root};
	struct fake fake = {.model = m};
	struct command command;
	size_t len;
	int status;

	put("proc/self/mountinfo", mounts);
	put("proc/swaps", "");
	fake_start(&fake);
	setenv("BALLAST_CONTROL", fake.path, 1);
	c.out = c.err = open_memstream(ret_out, &len);
	status = ctl_run(&c, 2, argv);
	fclose(c.out);
	fake_stop(&fake, &command);
	return status;
}

static void drive_at(struct model *m, const char *array, const char *dev, const char *name)
{
	uint32_t a = build_array(m, array, VERDICT_REDUNDANT, 1, 1), d = build_component(m, a, KIND_DRIVE, name, STATE_OK);

	array_at(m, a)->local = !strcmp(array, "local");
	copy_text(array_at(m, a)->vendor, sizeof(array_at(m, a)->vendor), "");
	copy_text(component_at(m, d)->dev, sizeof(component_at(m, d)->dev), dev);
}

#define LOCAL_ROOT "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
#define SAN_VAR    "2 1 253:1 / /var rw - ext4 /dev/mapper/vg-var rw\n"

static void test_what_it_says(void **unused)
{
	static const struct {
		const char *mounts, *san_dev, *san_name, *vendor, *why, *says;
		bool simulated;
		int status;
	} cases[] = {
		{LOCAL_ROOT, "/dev/sdb", "x", "", "all on the host's own", "Nothing of this host", false, 0},
		{LOCAL_ROOT SAN_VAR, "/dev/sdb", "x", "", "one path is enough", "stand", false, 1},
		{LOCAL_ROOT SAN_VAR, "", "wwn-0x600507680001", "", "by its number, whatever it is called", "stand", false, 1},
		{LOCAL_ROOT SAN_VAR, "/dev/sdb", "wwn-0x5000000000000009", "", "the name passed to another disk", "cannot tell",
			false, 3},
		{LOCAL_ROOT SAN_VAR, "", "x", "", "nobody reads it", "is read by no source", false, 3},
		{LOCAL_ROOT SAN_VAR, "", "x", "IBM", "of the array's maker", "by the maker", false, 1},
		{LOCAL_ROOT SAN_VAR, "/dev/sdb", "x", "", "simulated arrays carry nothing", "Nothing of this host", true, 0},
		{LOCAL_ROOT "2 1 0:9 / /var rw - nfs4 nas:/var rw\n", "/dev/sdb", "x", "", "a server's disks are its own matter",
			"a file server keeps it", false, 3},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model m = {};
		char *out = NULL;
		int status;

		build_self(&m);
		drive_at(&m, "local", "/dev/sda", "wwn-0x5000c50000000001");
		drive_at(&m, "san1", cases[i].san_dev, cases[i].san_name);
		array_at(&m, 1)->simulated = cases[i].simulated;
		copy_text(array_at(&m, 1)->vendor, sizeof(array_at(&m, 1)->vendor), cases[i].vendor);
		status = audit_status(&m, cases[i].mounts, &out);
		if (status != cases[i].status || !strstr(out, cases[i].says))
			fail_msg("%s: exit %d\n%s", cases[i].why, status, out);
		free(out);
		model_clear(&m);
	}
}

static void test_what_it_says_of_memory(void **unused)
{
	static const struct {
		bool locked, simulated;
		const char *says;
	} cases[] = {
		{true, false, "\nBallast is locked in memory: "},
		{false, false, "LimitMEMLOCK=infinity"},
		{false, false, "ulimit -l unlimited"},
		{false, true, NULL},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model m = {};
		char *out = NULL;

		build_self(&m);
		self_at(&m, 0)->locked_memory = cases[i].locked;
		drive_at(&m, "local", "/dev/sda", "wwn-0x5000c50000000001");
		array_at(&m, 0)->simulated = cases[i].simulated;
		assert_int_equal(audit_status(&m, "", &out), 0);
		if (cases[i].says ? !strstr(out, cases[i].says) : !!strstr(out, "locked in memory"))
			fail_msg("case %zu:\n%s", i, out);
		free(out);
		model_clear(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_layer_leads_to_disks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_loop_stands_where_its_file_does, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bind_mounts_are_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_it_says, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_it_says_of_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
