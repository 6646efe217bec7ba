/*
 * The bpf system call's map commands.
 */
#include "oracle.h"

static uint8_t value[2 * MAX_VALUE];
static char names[1 << 20];

/* A second map's worth of room for what the kernel copies out. */
static uint8_t out[MAX_VALUE];

/* btf b0 HEX */
void cmd_btf(void)
{
	struct handle *btf = handle_of(word[1], 'b');
	unsigned size = hex_to_bytes(word[2], (uint8_t *)names, sizeof(names));
	union bpf_attr attr = { .btf = (uint64_t)(uintptr_t)names, .btf_size = size };
	int fd = bpf(BPF_BTF_LOAD, &attr, sizeof(attr));

	if (fd >= 0) {
		struct bpf_btf_info info = { 0 };
		attr = (union bpf_attr){ .info = { .bpf_fd = (uint32_t)fd, .info_len = sizeof(info), .info = (uint64_t)(uintptr_t)&info } };
		btf->fd = fd;
		btf->id = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 ? info.id : 0;
	}
	answer(fd);
}

/* btfinfo b0: the bytes as they were loaded */
void cmd_btfinfo(void)
{
	struct bpf_btf_info info = { .btf = (uint64_t)(uintptr_t)names, .btf_size = sizeof(names) };
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)own_fd_of(word[1]), .info_len = sizeof(info), .info = (uint64_t)(uintptr_t)&info } };
	int err = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));

	if (err < 0) {
		answer(err);
		return;
	}
	printf("ok ");
	print_hex((uint8_t *)names, info.btf_size);
	printf("\n");
}

static int describe(struct handle *map, struct bpf_map_info *info)
{
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)map->fd, .info_len = sizeof(*info), .info = (uint64_t)(uintptr_t)info } };
	memset(info, 0, sizeof(*info));
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
}

/* Makes the fd of a fresh or reopened map the handle's. */
static void adopt(struct handle *map, int fd)
{
	struct bpf_map_info info;
	map->fd = fd;
	if (describe(map, &info) == 0) {
		map->id = info.id;
		map->value_size = info.value_size;
	}
}

/* map m0 BTF TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES FLAGS KEY_TYPE VALUE_TYPE [NAME] */
void cmd_map(void)
{
	union bpf_attr attr = {
		.map_type = (uint32_t)strtoul(word[3], NULL, 10),
		.key_size = (uint32_t)strtoul(word[4], NULL, 10),
		.value_size = (uint32_t)strtoul(word[5], NULL, 10),
		.max_entries = (uint32_t)strtoul(word[6], NULL, 10),
		.map_flags = (uint32_t)strtoul(word[7], NULL, 10),
		.btf_fd = (uint32_t)own_fd_of(word[2]),
		.btf_key_type_id = (uint32_t)strtoul(word[8], NULL, 10),
		.btf_value_type_id = (uint32_t)strtoul(word[9], NULL, 10),
	};
	int fd;

	if (words > 10)
		memcpy(attr.map_name, word[10], strnlen(word[10], BPF_OBJ_NAME_LEN));
	fd = bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd >= 0)
		adopt(handle_of(word[1], 'm'), fd);
	answer(fd);
}

/* byid m1 m0, or byid m1 #ID */
void cmd_byid(void)
{
	uint32_t id = word[2][0] == '#' ? (uint32_t)strtoul(word[2] + 1, NULL, 10) : handle_of(word[2], 'm')->id;
	union bpf_attr attr = { .map_id = id };
	int fd = bpf(BPF_MAP_GET_FD_BY_ID, &attr, sizeof(attr));

	if (fd >= 0)
		adopt(handle_of(word[1], 'm'), fd);
	answer(fd);
}

/* info m0: TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES FLAGS BTF KEY_TYPE VALUE_TYPE HAS_ID NAME */
void cmd_info(void)
{
	struct handle map = { .fd = own_fd_of(word[1]) };
	struct bpf_map_info info;
	int err = describe(&map, &info);

	if (err < 0) {
		answer(err);
		return;
	}
	printf("ok %u %u %u %u %u ", info.type, info.key_size, info.value_size, info.max_entries, info.map_flags);
	int btf = 0;
	while (btf < MAX_HANDLES && (info.btf_id == 0 || btfs[btf].id != info.btf_id))
		btf++;
	if (btf < MAX_HANDLES)
		printf("b%d", btf);
	else
		printf("-");
	printf(" %u %u %d %s\n", info.btf_key_type_id, info.btf_value_type_id, info.id != 0, info.name[0] ? info.name : "-");
}

/* update m0 KEY HEX FLAGS */
void cmd_update(void)
{
	int key = own_fd_of(word[2]);
	unsigned size = hex_to_bytes(word[3], value, sizeof(value));
	union bpf_attr attr = {
		.map_fd = (uint32_t)own_fd_of(word[1]),
		.key = (uint64_t)(uintptr_t)&key,
		.value = (uint64_t)(uintptr_t)guarded(value, size),
		.flags = strtoull(word[4], NULL, 10),
	};
	answer(bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)));
}

static void look(int cmd)
{
	struct handle *map = handle_of(word[1], 'm');
	int key = own_fd_of(word[2]);
	union bpf_attr attr = {
		.map_fd = (uint32_t)own_fd_of(word[1]),
		.key = (uint64_t)(uintptr_t)&key,
		.value = (uint64_t)(uintptr_t)out,
		.flags = strtoull(word[3], NULL, 10),
	};
	int err;

	memset(out, 0x5a, sizeof(out));
	err = bpf(cmd, &attr, sizeof(attr));
	if (err < 0) {
		answer(err);
		return;
	}
	printf("ok ");
	print_hex(out, map ? map->value_size : 0);
	printf("\n");
}

/* lookup m0 KEY FLAGS */
void cmd_lookup(void)
{
	look(BPF_MAP_LOOKUP_ELEM);
}

/* lookdel m0 KEY FLAGS */
void cmd_lookup_and_delete(void)
{
	look(BPF_MAP_LOOKUP_AND_DELETE_ELEM);
}

/* delete m0 KEY */
void cmd_delete(void)
{
	int key = own_fd_of(word[2]);
	union bpf_attr attr = { .map_fd = (uint32_t)own_fd_of(word[1]), .key = (uint64_t)(uintptr_t)&key };
	answer(bpf(BPF_MAP_DELETE_ELEM, &attr, sizeof(attr)));
}

/* next m0 KEY, or next m0 null */
void cmd_next(void)
{
	int next = 0, key = own_fd_of(word[2]);
	union bpf_attr attr = {
		.map_fd = (uint32_t)own_fd_of(word[1]),
		.key = strcmp(word[2], "null") ? (uint64_t)(uintptr_t)&key : 0,
		.next_key = (uint64_t)(uintptr_t)&next,
	};
	answer(bpf(BPF_MAP_GET_NEXT_KEY, &attr, sizeof(attr)));
}

/* freeze m0 */
void cmd_freeze(void)
{
	union bpf_attr attr = { .map_fd = (uint32_t)own_fd_of(word[1]) };
	answer(bpf(BPF_MAP_FREEZE, &attr, sizeof(attr)));
}

/* batch lookup|lookdel|update|delete m0 KEY FLAGS: a batch of one */
void cmd_batch(void)
{
	static const struct {
		const char *name;
		int cmd;
	} kinds[] = { { "lookup", BPF_MAP_LOOKUP_BATCH }, { "lookdel", BPF_MAP_LOOKUP_AND_DELETE_BATCH },
		      { "update", BPF_MAP_UPDATE_BATCH }, { "delete", BPF_MAP_DELETE_BATCH } };
	int key = own_fd_of(word[3]), position = 0;
	union bpf_attr attr = { .batch = {
		.keys = (uint64_t)(uintptr_t)&key,
		.values = (uint64_t)(uintptr_t)out,
		.out_batch = (uint64_t)(uintptr_t)&position,
		.count = 1,
		.map_fd = (uint32_t)own_fd_of(word[2]),
		.elem_flags = strtoull(word[4], NULL, 10),
	} };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(word[1], kinds[i].name)) {
			answer(bpf(kinds[i].cmd, &attr, sizeof(attr)));
			return;
		}
	printf("bad unknown batch %s\n", word[1]);
}

/* Which map handle has this id, or -1. */
int map_by_id(uint32_t id)
{
	for (int i = 0; i < MAX_HANDLES; i++)
		if (maps[i].fd != CLOSED_FD && maps[i].id == id)
			return i;
	return -1;
}
