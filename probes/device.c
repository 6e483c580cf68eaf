#include "probes/device.h"

#include "probes/allow.h"
#include "probes/nvme.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	CDB_MAX = 16,
	HOST_OK = 0,
	HOST_NO_CONNECT = 1,
	HOST_TIME_OUT = 3,
	HOST_BAD_TARGET = 4,
	DRIVER_TIMEOUT = 6,
	DRIVER_MASK = 0xf
};

int device_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

enum outcome device_errno_outcome(int e)
{
	return nvme_status_outcome(-e);
}

static enum outcome transport_outcome(const sg_io_hdr_t *h)
{
	switch (h->host_status) {
	case HOST_OK:
		return (h->driver_status & DRIVER_MASK) == DRIVER_TIMEOUT ? OUTCOME_TIMEOUT
									  : OUTCOME_OK;
	case HOST_NO_CONNECT:
	case HOST_BAD_TARGET:
		return OUTCOME_GONE;
	case HOST_TIME_OUT:
		return OUTCOME_TIMEOUT;
	default:
		return OUTCOME_ERROR;
	}
}

static enum outcome take_reply(const sg_io_hdr_t *h, size_t len, struct scsi_reply *ret)
{
	enum outcome o = transport_outcome(h);

	ret->status = h->status;
	ret->raw_len = MIN_OF((size_t)h->sb_len_wr, sizeof(ret->raw));
	ret->got = h->resid > 0 ? len - MIN_OF(len, (size_t)h->resid) : len;
	if (ret->raw_len && scsi_decode_sense(ret->raw, ret->raw_len, &ret->sense) != OUTCOME_OK)
		ret->sense = (struct scsi_sense){};
	return o == OUTCOME_OK ? scsi_status_outcome(h->status, &ret->sense) : o;
}

static enum outcome send_once(
	int fd, const struct scsi_command *c, struct scsi_reply *ret, uint8_t *ret_status)
{
	uint8_t cdb[CDB_MAX];
	sg_io_hdr_t h = {.interface_id = 'S',
		.dxfer_direction = c->len ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
		.cmd_len = (unsigned char)c->cdb_len,
		.mx_sb_len = sizeof(ret->raw),
		.dxfer_len = (unsigned)c->len,
		.dxferp = c->data,
		.cmdp = cdb,
		.sbp = ret->raw,
		.timeout = c->timeout_ms};

	memset(ret, 0, sizeof(*ret));
	memcpy(cdb, c->cdb, c->cdb_len);
	if (ioctl(fd, SG_IO, &h) < 0)
		return device_errno_outcome(errno);
	*ret_status = h.status;
	return take_reply(&h, c->len, ret);
}

enum outcome device_scsi(int fd, const struct scsi_command *c, struct scsi_reply *ret)
{
	uint8_t status = 0;
	enum outcome o;

	memset(ret, 0, sizeof(*ret));
	if (c->cdb_len > CDB_MAX || !allow_scsi(c->cdb, c->cdb_len))
		return OUTCOME_REFUSED;
	if (c->len)
		memset(c->data, 0, c->len);
	o = send_once(fd, c, ret, &status);
	if (o == OUTCOME_ERROR && scsi_sense_again(status, &ret->sense)) {
		struct scsi_sense attention = ret->sense;

		o = send_once(fd, c, ret, &status);
		ret->attention = attention;
	}
	return o;
}

enum outcome device_nvme(int fd, const struct nvme_command *c)
{
	struct nvme_admin_cmd cmd = {.opcode = c->opcode,
		.nsid = c->nsid,
		.addr = (uintptr_t)c->data,
		.data_len = (uint32_t)c->len,
		.cdw10 = c->cdw10,
		.timeout_ms = c->timeout_ms};
	int r;

	if (!allow_nvme(c->opcode, c->cdw10))
		return OUTCOME_REFUSED;
	memset(c->data, NVME_FILL, c->len);
	r = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd);
	return nvme_status_outcome(r < 0 ? -errno : r);
}
