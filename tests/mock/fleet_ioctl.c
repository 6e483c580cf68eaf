#include "fleet.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <scsi/scsi_ioctl.h>
#include <scsi/sg.h>
#include <stdio.h>

enum { GET_IDLUN = 0x5382, GET_BUS_NUMBER = 0x5386, SG_VERSION = 30536 };

/* How an ioctl ends. */
struct end {
	long result;
	int error;
	unsigned delay_ms;
	bool never;
};

struct late {
	UMockdevIoctlClient *client;
	struct end end;
};

static gboolean complete_late(gpointer data)
{
	struct late *l = data;

	umockdev_ioctl_client_complete(l->client, l->end.result, l->end.error);
	g_object_unref(l->client);
	g_free(l);
	return G_SOURCE_REMOVE;
}

static void complete(UMockdevIoctlClient *client, struct end e)
{
	struct late *l;
	GSource *timer;

	if (e.never) {
		/* without a reference the socket closes and the preload aborts the program under
		 * test */
		g_object_ref(client);
		return;
	}
	if (!e.delay_ms) {
		umockdev_ioctl_client_complete(client, e.result, e.error);
		return;
	}
	l = g_new(struct late, 1);
	*l = (struct late){g_object_ref(client), e};
	timer = g_timeout_source_new(e.delay_ms);
	g_source_set_callback(timer, complete_late, l, NULL);
	g_source_attach(timer, g_main_context_get_thread_default());
	g_source_unref(timer);
}

static UMockdevIoctlData *resolve(UMockdevIoctlData *from, gsize offset, gsize len)
{
	return len ? umockdev_ioctl_data_resolve(from, offset, len, NULL) : NULL;
}

static void give(UMockdevIoctlData *arg, const void *value, gsize len)
{
	UMockdevIoctlData *x = resolve(arg, 0, len);

	if (x)
		memcpy(x->data, value, len);
}

/* False: the command ended already, by its fault. */
static bool begin(struct sim_drive *d, struct end *e)
{
	int r = sim_begin(d);

	if (r == SIM_NEVER) {
		e->never = true;
	} else if (r <= SIM_LATER) {
		e->delay_ms = (unsigned)(SIM_LATER - r);
		return true;
	} else if (r < 0) {
		e->result = -1;
		e->error = -r;
	} else {
		return true;
	}
	return false;
}

static void finish(int r, struct end *e)
{
	e->result = r < 0 ? -1 : r;
	e->error = r < 0 ? -r : 0;
}

static void sg_io(struct sim_drive *d, UMockdevIoctlData *arg, struct end *e)
{
	UMockdevIoctlData *x;
	struct sg_io_hdr h;

	if (!begin(d, e))
		return;
	x = resolve(arg, 0, sizeof(h));
	memcpy(&h, x->data, sizeof(h));
	resolve(x, G_STRUCT_OFFSET(struct sg_io_hdr, cmdp), h.cmd_len);
	resolve(x, G_STRUCT_OFFSET(struct sg_io_hdr, dxferp), h.dxfer_len);
	resolve(x, G_STRUCT_OFFSET(struct sg_io_hdr, sbp), h.mx_sb_len);
	finish(sim_sg_io(d, (struct sg_io_hdr *)x->data), e);
}

static void nvme_admin(struct sim_drive *d, UMockdevIoctlData *arg, struct end *e)
{
	UMockdevIoctlData *x;
	struct nvme_passthru_cmd c;

	if (!begin(d, e))
		return;
	x = resolve(arg, 0, sizeof(c));
	memcpy(&c, x->data, sizeof(c));
	resolve(x, G_STRUCT_OFFSET(struct nvme_passthru_cmd, addr), c.data_len);
	finish(sim_nvme_admin(d, (struct nvme_passthru_cmd *)x->data), e);
}

static struct end answer(struct sim_drive *d, gulong request, UMockdevIoctlData *arg)
{
	static const int version = SG_VERSION, zero[2];
	struct end e = {};

	if (request == BLKGETSIZE64)
		give(arg, &d->bytes, sizeof(d->bytes));
	else if (request == SG_GET_VERSION_NUM)
		give(arg, &version, sizeof(version));
	else if (request == GET_BUS_NUMBER)
		give(arg, zero, sizeof(zero[0]));
	else if (request == GET_IDLUN)
		give(arg, zero, sizeof(zero));
	else if (request == NVME_IOCTL_ID && d->kind == SIM_NVME)
		e.result = 1;
	else if (request == SG_IO && d->kind != SIM_NVME)
		sg_io(d, arg, &e);
	else if (request == NVME_IOCTL_ADMIN_CMD && d->kind == SIM_NVME)
		nvme_admin(d, arg, &e);
	else
		e = (struct end){.result = -1, .error = ENOTTY};
	return e;
}

gboolean fleet_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer fleet)
{
	struct fleet *f = fleet;
	UMockdevIoctlData *arg = NULL;
	struct sim_drive *d;
	struct end e = {.result = -1, .error = ENODEV};
	gulong request = 0;
	gchar *node = NULL;

	(void)base;
	g_object_get(client, "devnode", &node, "request", &request, "arg", &arg, NULL);
	g_mutex_lock(&f->lock);
	d = fleet_find(f, node + strlen("/dev/"));
	if (d) {
		d->on_block += request == SG_IO && !text_equal(d->sg, node + strlen("/dev/"));
		e = answer(d, request, arg);
	}
	g_mutex_unlock(&f->lock);
	if (f->verbose)
		fprintf(stderr, "[mock] %s ioctl %#lx: %ld error %d\n", node, request, e.result,
			e.error);
	g_free(node);
	g_object_unref(arg);
	complete(client, e);
	return TRUE;
}
