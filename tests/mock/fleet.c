#include "fleet.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

/* Numbers that no drive of the machine has: libudev reads the real database by them. */
enum { SD_MAJOR = 230, SG_MAJOR = 231, NVME_MAJOR = 232 };

void fleet_open(struct fleet *f)
{
	g_mutex_init(&f->lock);
	f->testbed = umockdev_testbed_new();
	f->handler = g_object_new(UMOCKDEV_TYPE_IOCTL_BASE, NULL);
	g_signal_connect(f->handler, "handle-ioctl", G_CALLBACK(fleet_ioctl), f);
}

struct sim_drive *fleet_find(struct fleet *f, const char *dev)
{
	for (unsigned i = 0; i < f->n; i++) {
		struct member *m = &f->members[i];

		if (m->drive && (text_equal(m->dev, dev) || text_equal(m->drive->sg, dev)))
			return m->drive;
	}
	return NULL;
}

static int open_to_all(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)type;
	(void)where;
	if (S_ISDIR(st->st_mode))
		(void)chmod(path, 0777);
	else if (!S_ISLNK(st->st_mode))
		(void)chmod(path, st->st_mode | 0666);
	return 0;
}

void fleet_let_in(struct fleet *f)
{
	g_autofree char *root = umockdev_testbed_get_root_dir(f->testbed);

	(void)nftw(root, open_to_all, 16, FTW_PHYS);
}

/* umockdev writes the node's numbers only; the sticky bit makes it a block device. */
static void make_node(struct fleet *f, const char *name, bool block)
{
	g_autofree char *root = umockdev_testbed_get_root_dir(f->testbed);
	g_autofree char *path = g_strdup_printf("%s/dev/%s", root, name),
			*dir = g_path_get_dirname(path);
	g_autofree char *node = g_strdup_printf("/dev/%s", name);
	FILE *file;

	g_mkdir_with_parents(dir, 0755);
	file = fopen(path, "w");
	if (file)
		fclose(file);
	(void)chmod(path, block ? 01666 : 0666);
	umockdev_testbed_attach_ioctl(f->testbed, node, f->handler, NULL);
}

static struct member *new_member(struct fleet *f, struct sim_drive *d)
{
	struct member *m = &f->members[f->n];

	*m = (struct member){.drive = d};
	return m;
}

static const char *keep(struct member *m, char *sysfs)
{
	m->sysfs[m->nsysfs++] = sysfs;
	return sysfs;
}

static void add_sg(struct fleet *f, struct member *m, const char *parent, unsigned n)
{
	g_autofree char *name = g_strdup_printf("scsi_generic/sg%u", n),
			*node = g_strdup_printf("/dev/sg%u", n);
	g_autofree char *numbers = g_strdup_printf("%d:%u", SG_MAJOR, n),
			*minor = g_strdup_printf("%u", n);
	g_autofree char *major = g_strdup_printf("%d", SG_MAJOR);

	make_node(f, node + strlen("/dev/"), false);
	keep(m, umockdev_testbed_add_device(f->testbed, "scsi_generic", name, parent, "dev",
			numbers, NULL, "DEVNAME", node, "MAJOR", major, "MINOR", minor, NULL));
}

static void add_block(struct fleet *f, struct member *m, const char *parent, unsigned n)
{
	const struct sim_drive *d = m->drive;
	g_autofree char *name = g_strdup_printf("block/%s", m->dev),
			*node = g_strdup_printf("/dev/%s", m->dev);
	g_autofree char *numbers = g_strdup_printf("%d:%u", SD_MAJOR, n * 16),
			*minor = g_strdup_printf("%u", n * 16);
	g_autofree char *major = g_strdup_printf("%d", SD_MAJOR);
	g_autofree char *size = g_strdup_printf("%" PRIu64, d->bytes / 512);
	g_autofree char *wwid = g_strdup_printf("naa.5000c500%08x", d->number);
	g_autofree char *sg = g_strdup_printf("device/scsi_generic/%s/dev", d->sg);
	const char *ata = d->kind == SIM_ATA ? "1" : "0";

	make_node(f, m->dev, true);
	keep(m, umockdev_testbed_add_device(f->testbed, "block", name, parent, "dev", numbers,
			"size", size, "removable", "0", "ro", "0", "queue/rotational", "1",
			"device/type", "0", "device/vendor", sim_vendor(d), "device/model",
			d->model, "device/rev", d->firmware, "device/wwid", wwid,
			"device/ioerr_cnt", "0x2", sg, "1", NULL, "DEVNAME", node, "DEVTYPE",
			"disk", "MAJOR", major, "MINOR", minor, "ID_BUS",
			d->kind == SIM_ATA ? "ata" : "scsi", "ID_ATA", ata, "ID_TYPE", "disk",
			"ID_SERIAL_SHORT", d->serial, NULL));
}

/* One more way to a SCSI or ATA drive: host, target, unit, sg and block node. */
static void add_scsi(struct fleet *f, struct sim_drive *d)
{
	struct member *m = new_member(f, d);
	unsigned n = f->next_sd++;
	g_autofree char *host = g_strdup_printf("host%u", n),
			*target = g_strdup_printf("target%u:0:0", n);
	g_autofree char *unit = g_strdup_printf("%u:0:0:0", n);
	g_autofree char *h = umockdev_testbed_add_device(
		f->testbed, "scsi", host, NULL, NULL, "DEVTYPE", "scsi_host", NULL);
	g_autofree char *t = umockdev_testbed_add_device(
		f->testbed, "scsi", target, h, NULL, "DEVTYPE", "scsi_target", NULL);
	const char *s = keep(
		m, umockdev_testbed_add_device(f->testbed, "scsi", unit, t, "type", "0", "model",
			   d->model, "state", "running", NULL, "DEVTYPE", "scsi_device", NULL));

	if (n < 26)
		format_text(m->dev, sizeof(m->dev), "sd%c", (char)('a' + n));
	else
		format_text(m->dev, sizeof(m->dev), "sd%c%c", (char)('a' + n / 26 - 1),
			(char)('a' + n % 26));
	if (!d->sg[0]) {
		format_text(d->sg, sizeof(d->sg), "sg%u", n);
		copy_text(d->dev, sizeof(d->dev), m->dev);
	}
	f->n++;
	add_sg(f, m, s, n);
	add_block(f, m, s, n);
}

static void add_nvme(struct fleet *f, struct sim_drive *d)
{
	struct member *m = new_member(f, d);
	unsigned n = f->next_nvme++;
	g_autofree char *major = g_strdup_printf("%d", NVME_MAJOR),
			*minor = g_strdup_printf("%u", n);
	g_autofree char *numbers = g_strdup_printf("%d:%u", NVME_MAJOR, n), *node = NULL,
			*block = NULL, *size = NULL;
	const char *c;

	format_text(m->dev, sizeof(m->dev), "nvme%u", n);
	copy_text(d->dev, sizeof(d->dev), m->dev);
	node = g_strdup_printf("/dev/%s", m->dev);
	f->n++;
	make_node(f, m->dev, false);
	c = keep(m, umockdev_testbed_add_device(f->testbed, "nvme", m->dev, NULL, "dev", numbers,
			    "model", d->model, "serial", d->serial, "firmware_rev", d->firmware,
			    "state", "live\n", "transport", "pcie", NULL, "DEVNAME", node, "MAJOR",
			    major, "MINOR", minor, NULL));
	block = g_strdup_printf("%sn1", m->dev);
	size = g_strdup_printf("%" PRIu64, d->bytes / 512);
	keep(m, umockdev_testbed_add_device(f->testbed, "block", block, c, "size", size, NULL,
			"DEVTYPE", "disk", NULL));
}

/* What looks like a disk to who does not look closely. */
static void add_other(struct fleet *f, const char *name, const char *type, const char *hidden)
{
	struct member *m = new_member(f, NULL);
	g_autofree char *block = g_strdup_printf("block/%s", name),
			*node = g_strdup_printf("/dev/%s", name);

	copy_text(m->dev, sizeof(m->dev), name);
	f->n++;
	keep(m, umockdev_testbed_add_device(f->testbed, "block", block, NULL, "size", "1000",
			"hidden", hidden, NULL, "DEVTYPE", type, "DEVNAME", node, NULL));
}

static bool make_drive(struct fleet *f, const char *spec, struct sim_drive *d)
{
	unsigned number = f->next_number++;

	if (text_equal(spec, "nvme"))
		sim_init_nvme(d, number);
	else if (text_equal(spec, "sas") || text_equal(spec, "sas-as-ata"))
		sim_init_sas(d, number);
	else
		sim_init_ata(d, number);
	d->says_ata = text_equal(spec, "sas-as-ata");
	if (text_equal(spec, "idleb"))
		d->power = SIM_IDLE_B;
	if (text_equal(spec, "standby"))
		d->power = SIM_STANDBY;
	if (!strncmp(spec, "ata=", 4))
		return sim_load_blob(d, spec + 4) == 0;
	return text_equal(spec, "nvme") || text_equal(spec, "sas") || text_equal(spec, "ata") ||
	       text_equal(spec, "idleb") || d->says_ata || text_equal(spec, "standby");
}

static bool add_one(struct fleet *f, const char *spec, const char *fault)
{
	struct sim_drive *d = !strncmp(spec, "path=", 5) ? fleet_find(f, spec + 5) : NULL;

	if (f->n == FLEET_MAX)
		return false;
	if (d) {
		add_scsi(f, d);
		return true;
	}
	if (text_equal(spec, "loop") || text_equal(spec, "partition") ||
		text_equal(spec, "nvmepath")) {
		add_other(f,
			text_equal(spec, "loop")        ? "loop0"
			: text_equal(spec, "partition") ? "sdz1"
							: "nvme9c0n1",
			text_equal(spec, "partition") ? "partition" : "disk",
			text_equal(spec, "nvmepath") ? "1" : "0");
		return true;
	}
	d = g_new0(struct sim_drive, 1);
	if (!make_drive(f, spec, d) || (fault && !sim_parse_fault(fault, &d->fault))) {
		g_free(d);
		return false;
	}
	if (d->kind == SIM_NVME)
		add_nvme(f, d);
	else
		add_scsi(f, d);
	return true;
}

bool fleet_add(struct fleet *f, const char *spec)
{
	g_autofree char *copy = g_strdup(spec);
	char *plus = strrchr(copy, '+'), *at = copy;
	unsigned long times = strtoul(copy, &at, 10);

	if (plus)
		*plus++ = '\0';
	if (!times || *at != 'x') {
		times = 1;
		at = copy - 1;
	}
	while (times--)
		if (!add_one(f, at + 1, plus))
			return false;
	fleet_let_in(f);
	return true;
}

bool fleet_io(struct fleet *f, const char *dev, unsigned long reads)
{
	for (unsigned i = 0; i < f->n; i++) {
		const struct member *m = &f->members[i];
		g_autofree char *stat = g_strdup_printf("%lu 0 8 1 0 0 0 0 0 1 1\n", reads);

		if (!text_equal(m->dev, dev))
			continue;
		umockdev_testbed_set_attribute(f->testbed, m->sysfs[m->nsysfs - 1], "stat", stat);
		fleet_let_in(f);
		return true;
	}
	return false;
}

bool fleet_remove(struct fleet *f, const char *dev)
{
	struct member gone = {};

	g_mutex_lock(&f->lock);
	for (unsigned i = 0; i < f->n && !gone.nsysfs; i++)
		if (text_equal(f->members[i].dev, dev)) {
			gone = f->members[i];
			f->members[i] = f->members[--f->n];
		}
	g_mutex_unlock(&f->lock);
	for (unsigned i = gone.nsysfs; i-- > 0;) {
		umockdev_testbed_uevent(f->testbed, gone.sysfs[i], "remove");
		umockdev_testbed_remove_device(f->testbed, gone.sysfs[i]);
	}
	return gone.nsysfs;
}
