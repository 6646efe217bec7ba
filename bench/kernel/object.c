/*
 * A program that clang compiled, with its maps.
 *
 *   object MS INSTRUCTIONS [TYPE,KEY,VALUE,ENTRIES,FLAGS,KEY_TYPE,VALUE_TYPE BTF SLOT,...]...
 *
 * Instructions and BTF in hexadecimal; slots are those of the wide loads that name the map.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 16 };

static uint32_t bytes_of(const char *hex, uint8_t *bytes) {
  uint32_t count = 0;
  unsigned byte;
  for (; count < MOST_BYTES && sscanf(hex + 2 * count, "%2x", &byte) == 1; count++) bytes[count] = (uint8_t)byte;
  return count;
}

static int create_map(const char *numbers, const char *types) {
  static uint8_t bytes[MOST_BYTES];
  uint32_t size = bytes_of(types, bytes);
  union bpf_attr btf = {.btf = (uintptr_t)bytes, .btf_size = size};
  union bpf_attr map = {0};
  if (sscanf(numbers, "%u,%u,%u,%u,%u,%u,%u", &map.map_type, &map.key_size, &map.value_size, &map.max_entries,
             &map.map_flags, &map.btf_key_type_id, &map.btf_value_type_id) != 7) {
    fprintf(stderr, "kernel: got the map '%s', expected seven numbers\n", numbers);
    exit(2);
  }
  if (size != 0) map.btf_fd = (uint32_t)bpf("BPF_BTF_LOAD", BPF_BTF_LOAD, &btf);
  return bpf("BPF_MAP_CREATE", BPF_MAP_CREATE, &map);
}

int object(int argc, char **argv) {
  static struct bpf_insn insns[MOST_BYTES / sizeof(struct bpf_insn)];
  uint32_t count = bytes_of(argv[1], (uint8_t *)insns) / (uint32_t)sizeof(*insns);
  for (int i = 2; i + 2 < argc; i += 3) {
    int fd = create_map(argv[i], argv[i + 1]);
    for (char *slot = strtok(argv[i + 2], ","); slot; slot = strtok(NULL, ",")) {
      uint32_t at = (uint32_t)strtoul(slot, NULL, 10);
      if (at >= count) {
        fprintf(stderr, "kernel: got slot %u of %u instructions\n", at, count);
        return 2;
      }
      insns[at].src_reg = BPF_PSEUDO_MAP_FD;
      insns[at].imm = fd;
    }
  }
  union bpf_attr attr = {
      .prog_type = BPF_PROG_TYPE_CGROUP_SKB,
      .expected_attach_type = BPF_CGROUP_INET_EGRESS,
      .insns = (uintptr_t)insns,
      .insn_cnt = count,
      .license = (uintptr_t) "GPL",
  };
  return measure(bpf("BPF_PROG_LOAD", BPF_PROG_LOAD, &attr), atof(argv[0]), 1);
}
