/*
 * Looks up a function's type id in the kernel's own BTF: a program that attaches to it names it by that.
 */
#include "oracle.h"
#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>

static uint8_t *image;
static long size;

static int load(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat about;
	long got = 0;

	if (fd < 0 || fstat(fd, &about)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	image = malloc((size_t)about.st_size);
	while (image && got < about.st_size) {
		long more = read(fd, image + got, (size_t)(about.st_size - got));
		if (more <= 0)
			break;
		got += more;
	}
	close(fd);
	size = got;
	return image && got > (long)sizeof(struct btf_header) ? 0 : -1;
}

/* Bytes that follow a type's record, by kind. */
static unsigned tail(const struct btf_type *type)
{
	unsigned count = BTF_INFO_VLEN(type->info);
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case 14: /* VAR */
	case 17: /* DECL_TAG */
		return 4;
	case BTF_KIND_ARRAY:
		return 12;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case 15: /* DATASEC */
	case 19: /* ENUM64 */
		return 12 * count;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return 8 * count;
	default:
		return 0;
	}
}

/* The type id of a function, or -1. */
int vmlinux_func_id(const char *name)
{
	if (!image && load())
		return -1;
	const struct btf_header *header = (const void *)image;
	const uint8_t *at = image + header->hdr_len + header->type_off;
	const uint8_t *end = at + header->type_len;
	const char *strings = (const char *)image + header->hdr_len + header->str_off;

	for (int id = 1; at < end; id++) {
		const struct btf_type *type = (const void *)at;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && !strcmp(strings + type->name_off, name))
			return id;
		at += sizeof(*type) + tail(type);
	}
	return -1;
}
