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

	ret->raw_len = MIN_OF((size_t)h->sb_len_wr, sizeof(ret->raw));
	ret->got = h->resid > 0 ? len - MIN_OF(len, (size_t)h->resid) : len;
	if (ret->raw_len && scsi_decode_sense(ret->raw, ret->raw_len, &ret->sense) != OUTCOME_OK)
		ret->sense = (struct scsi_sense){};
	return o == OUTCOME_OK ? scsi_status_outcome(h->status, &ret->sense) : o;
}

static enum outcome send_once(int fd, const uint8_t *cdb, size_t cdb_len, void *data, size_t len,
	unsigned timeout_ms, struct scsi_reply *ret, uint8_t *ret_status)
{
	uint8_t command[16];
	sg_io_hdr_t h = {.interface_id = 'S',
		.dxfer_direction = len ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
		.cmd_len = (unsigned char)cdb_len,
		.mx_sb_len = sizeof(ret->raw),
		.dxfer_len = (unsigned)len,
		.dxferp = data,
		.cmdp = command,
		.sbp = ret->raw,
		.timeout = timeout_ms};

	memset(ret, 0, sizeof(*ret));
	memcpy(command, cdb, cdb_len);
	if (ioctl(fd, SG_IO, &h) < 0)
		return device_errno_outcome(errno);
	*ret_status = h.status;
	return take_reply(&h, len, ret);
}

enum outcome device_scsi(int fd, const uint8_t *cdb, size_t cdb_len, void *data, size_t len,
	unsigned timeout_ms, struct scsi_reply *ret)
{
	uint8_t status = 0;
	enum outcome o;

	if (cdb_len > 16 || !allow_scsi(cdb, cdb_len))
		return OUTCOME_REFUSED;
	if (len)
		memset(data, 0, len);
	o = send_once(fd, cdb, cdb_len, data, len, timeout_ms, ret, &status);
	if (o == OUTCOME_ERROR && scsi_sense_again(status, &ret->sense)) {
		struct scsi_sense attention = ret->sense;

		o = send_once(fd, cdb, cdb_len, data, len, timeout_ms, ret, &status);
		ret->attention = attention;
	}
	return o;
}

enum outcome device_nvme(int fd, uint8_t opcode, uint32_t nsid, uint32_t cdw10, void *data,
	size_t len, unsigned timeout_ms)
{
	struct nvme_admin_cmd c = {.opcode = opcode,
		.nsid = nsid,
		.addr = (uintptr_t)data,
		.data_len = (uint32_t)len,
		.cdw10 = cdw10,
		.timeout_ms = timeout_ms};
	int r;

	if (!allow_nvme(opcode, cdw10))
		return OUTCOME_REFUSED;
	memset(data, NVME_FILL, len);
	r = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &c);
	return nvme_status_outcome(r < 0 ? -errno : r);
}
