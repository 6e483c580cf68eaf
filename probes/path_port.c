#include "probes/path_port.h"

#include <dirent.h>

enum { SYSFS_MAX = 4096 };

static bool read_at(const char *dir, const char *name, char *ret, size_t size)
{
	cleanup_(freep) char *text = NULL;
	char path[384];

	ret[0] = '\0';
	if (!format_text(path, sizeof(path), "%s/%s", dir, name) ||
		slurp(path, SYSFS_MAX, &text, NULL) < 0)
		return false;
	copy_device_text(ret, size, text, strcspn(text, "\n"));
	return ret[0] != '\0';
}

/* /sys/class/CLASS/DEVICE/NAME of the same /sys that @sysfs is in. */
static bool read_class(const char *sysfs, const char *class, const char *device, const char *name,
	char *ret, size_t size)
{
	const char *devices = strstr(sysfs, "/devices/");
	char dir[320];

	ret[0] = '\0';
	return devices &&
	       format_text(dir, sizeof(dir), "%.*s/class/%s/%s", (int)(devices - sysfs), sysfs,
		       class, device) &&
	       read_at(dir, name, ret, size);
}

static void find_fc(const char *sysfs, struct path_port *p)
{
	char part[32];

	if (path_part(sysfs, "rport-", part, sizeof(part)))
		read_class(
			sysfs, "fc_remote_ports", part, "port_name", p->target, sizeof(p->target));
	if (path_part(sysfs, "host", part, sizeof(part)))
		read_class(sysfs, "fc_host", part, "port_name", p->host, sizeof(p->host));
}

/* An IQN or NQN may have 223 characters; what differs is at its end. */
static void keep_tail(const char *text, size_t keep, char *ret, size_t size)
{
	size_t len = strlen(text);

	copy_text(ret, size, text + (len > keep ? len - keep : 0));
}

static void find_iscsi(const char *sysfs, struct path_port *p)
{
	char session[32], connection[48], text[256], port[16] = "";

	if (!path_part(sysfs, "session", session, sizeof(session)))
		return;
	if (read_class(sysfs, "iscsi_session", session, "ifacename", text, sizeof(text)) &&
		!text_equal(text, "default"))
		keep_tail(text, 15, p->host, sizeof(p->host));
	if (read_class(sysfs, "iscsi_session", session, "targetname", text, sizeof(text)))
		keep_tail(text, 15, p->tail, sizeof(p->tail));
	format_text(connection, sizeof(connection), "connection%s:0", session + strlen("session"));
	if (!read_class(sysfs, "iscsi_connection", connection, "persistent_address", text,
		    sizeof(text)))
		return;
	read_class(sysfs, "iscsi_connection", connection, "persistent_port", port, sizeof(port));
	format_text(p->target, sizeof(p->target), "%.45s:%s", text, port);
}

static void find_sas(const char *sysfs, struct path_port *p)
{
	char part[32];

	if (path_part(sysfs, "end_device-", part, sizeof(part)))
		read_class(sysfs, "sas_device", part, "sas_address", p->target, sizeof(p->target));
	if (path_part(sysfs, "host", part, sizeof(part)))
		read_class(sysfs, "scsi_host", part, "host_sas_address", p->host, sizeof(p->host));
	if (!p->host[0] && path_part(sysfs, "host", part, sizeof(part)))
		copy_text(p->host, sizeof(p->host), part);
}

/* ".../target2:0:1/2:0:1:0/block/sda": the part before "/block/". */
static void find_hctl(const char *sysfs, struct path_port *p)
{
	const char *end = strstr(sysfs, "/block/"), *at = end;

	while (at && at > sysfs && at[-1] != '/')
		at--;
	if (at)
		copy_device_text(p->hctl, sizeof(p->hctl), at, (size_t)(end - at));
	at = strrchr(p->hctl, ':');
	if (at)
		format_text(p->unit, sizeof(p->unit), "lun%.20s", at + 1);
}

void path_port_scsi(const char *sysfs, struct path_port *ret)
{
	char part[32];

	*ret = (struct path_port){};
	find_hctl(sysfs, ret);
	if (path_part(sysfs, "rport-", part, sizeof(part)))
		find_fc(sysfs, ret);
	else if (path_part(sysfs, "session", part, sizeof(part)))
		find_iscsi(sysfs, ret);
	else if (path_part(sysfs, "end_device-", part, sizeof(part)))
		find_sas(sysfs, ret);
}

void path_port_nvme(const char *sysfs, struct path_port *ret)
{
	char address[512], nqn[256], port[16], part[PORT_TEXT];

	*ret = (struct path_port){};
	copy_text(ret->hctl, sizeof(ret->hctl),
		strrchr(sysfs, '/') ? strrchr(sysfs, '/') + 1 : sysfs);
	read_at(sysfs, "address", address, sizeof(address));
	if (!path_field(address, "traddr", ret->target, sizeof(ret->target))) {
		copy_text(ret->target, sizeof(ret->target), address);
		return;
	}
	if (path_field(address, "trsvcid", port, sizeof(port)) &&
		format_text(part, sizeof(part), "%.45s:%.15s", ret->target, port))
		copy_text(ret->target, sizeof(ret->target), part);
	path_field(address, "host_traddr", ret->host, sizeof(ret->host));
	if (read_at(sysfs, "subsysnqn", nqn, sizeof(nqn)))
		keep_tail(nqn, 15, ret->tail, sizeof(ret->tail));
}

void path_port_name(const struct path_port *p, const char *transport, char *ret, size_t size)
{
	const char *named[] = {transport, p->tail, p->host, p->target, p->unit};
	const char *placed[] = {transport[0] ? transport : "scsi", p->hctl};

	if (p->target[0])
		path_name(named, ARRAY_SIZE(named), ret, size);
	else
		path_name(placed, ARRAY_SIZE(placed), ret, size);
}

static const struct {
	const char *prefix, *class, *attribute;
	enum path_vocabulary words;
} looks[] = {
	{"session", "iscsi_session", "state", PATH_ISCSI_SESSION},
	{"rport-", "fc_remote_ports", "port_state", PATH_FC_PORT},
	{"host", "fc_host", "port_state", PATH_FC_PORT},
};

void path_port_state(const char *sysfs, struct path_state *ret)
{
	char part[32], word[PATH_RAW];

	path_state_set(ret, STATE_OK, "");
	for (size_t i = 0; i < ARRAY_SIZE(looks) && ret->state == STATE_OK; i++)
		if (path_part(sysfs, looks[i].prefix, part, sizeof(part)) &&
			read_class(sysfs, looks[i].class, part, looks[i].attribute, word,
				sizeof(word)))
			path_word(looks[i].words, word, ret);
	if (ret->state == STATE_OK && read_at(sysfs, "device/state", word, sizeof(word)))
		path_word(PATH_SCSI_DEVICE, word, ret);
}

typedef void way_fn(const char *way, const char *name, void *arg);

/* "nvme0c1n1" below the controller: its way to namespace 1 of the subsystem. */
static bool each_way(const char *sysfs, way_fn *fn, void *arg)
{
	struct dirent *entry;
	char path[384];
	DIR *dir = opendir(sysfs);

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "nvme", 4) &&
			format_text(path, sizeof(path), "%s/%s", sysfs, entry->d_name))
			fn(path, entry->d_name, arg);
	if (dir)
		closedir(dir);
	return dir;
}

static void sum_way(const char *way, const char *name, void *arg)
{
	char word[PATH_RAW];

	(void)name;
	if (read_at(way, "ana_state", word, sizeof(word)))
		ana_add(arg, word);
}

void path_nvme_state(const char *sysfs, struct path_state *ret)
{
	struct ana_sum sum = {};
	char word[PATH_RAW];

	if (!read_at(sysfs, "state", word, sizeof(word))) {
		path_state_set(ret, STATE_ABSENT, "gone");
		return;
	}
	path_word(PATH_NVME, word, ret);
	if (ret->state != STATE_OK)
		return;
	(void)each_way(sysfs, sum_way, &sum);
	ana_total(&sum, ret);
}

/* "nvme.vvvv-serial-model-nsid" is made up by the kernel where the namespace has no identifier. */
static bool find_identifier(const char *way, char ret[UNIT_LEN])
{
	static const char uuid[] = "uuid.", eui[] = "eui.";
	char wwid[256];

	if (!read_at(way, "wwid", wwid, sizeof(wwid)))
		return false;
	if (!strncmp(wwid, uuid, strlen(uuid)))
		copy_text(ret, UNIT_LEN, wwid + strlen(uuid));
	else if (!strncmp(wwid, eui, strlen(eui)))
		copy_text(ret, UNIT_LEN, wwid);
	else
		return false;
	return true;
}

struct way_look {
	struct path_state controller;
	nvme_way_fn *fn;
	void *arg;
};

static void tell_way(const char *way, const char *name, void *arg)
{
	const struct way_look *l = arg;
	struct nvme_way w = {.state = l->controller};
	char text[PATH_RAW];

	/* without 'c' it is the namespace itself: there is no other way to it */
	if (!strchr(name + strlen("nvme"), 'c') || !find_identifier(way, w.unit) ||
		!read_at(way, "nsid", text, sizeof(text)))
		return;
	w.nsid = (unsigned)strtoul(text, NULL, 10);
	if (w.state.state == STATE_OK && read_at(way, "ana_state", text, sizeof(text)))
		path_word(PATH_ANA, text, &w.state);
	l->fn(&w, l->arg);
}

bool path_nvme_ways(const char *sysfs, nvme_way_fn *fn, void *arg)
{
	struct way_look l = {.fn = fn, .arg = arg};
	char word[PATH_RAW];

	if (!read_at(sysfs, "transport", word, sizeof(word)) || text_equal(word, "pcie") ||
		!read_at(sysfs, "state", word, sizeof(word)))
		return true;
	path_word(PATH_NVME, word, &l.controller);
	return each_way(sysfs, tell_way, &l);
}
