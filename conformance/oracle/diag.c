/*
 * Dumping sockets with their storages by sock_diag netlink, as ss does.
 */
#include "oracle.h"
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

static uint8_t request[1 << 14];
static uint8_t reply[1 << 20];

static struct rtattr *put(unsigned *end, int type, const void *bytes, unsigned size)
{
	struct rtattr *attr = (struct rtattr *)(request + *end);
	attr->rta_type = (unsigned short)type;
	attr->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attr), bytes, size);
	*end += RTA_SPACE(size);
	return attr;
}

static void show_storage(struct rtattr *storage)
{
	struct rtattr *value = NULL;
	uint32_t id = 0;
	int left = (int)RTA_PAYLOAD(storage);

	for (struct rtattr *a = RTA_DATA(storage); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == SK_DIAG_BPF_STORAGE_MAP_ID)
			memcpy(&id, RTA_DATA(a), 4);
		if (a->rta_type == SK_DIAG_BPF_STORAGE_MAP_VALUE)
			value = a;
	}
	printf(",m%d=", map_by_id(id));
	if (value)
		print_hex(RTA_DATA(value), (unsigned)RTA_PAYLOAD(value));
}

static void show_socket(struct nlmsghdr *message)
{
	struct inet_diag_msg *about = NLMSG_DATA(message);
	uint64_t cookie = (uint64_t)about->id.idiag_cookie[1] << 32 | about->id.idiag_cookie[0];
	int sock = sock_by_cookie(cookie);
	int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof(*about)));

	if (sock < 0)
		return;
	printf(" s%d:%d", sock, about->idiag_state);
	for (struct rtattr *a = (struct rtattr *)(about + 1); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if ((a->rta_type & NLA_TYPE_MASK) != INET_DIAG_SK_BPF_STORAGES)
			continue;
		int inner = (int)RTA_PAYLOAD(a);
		for (struct rtattr *s = RTA_DATA(a); RTA_OK(s, inner); s = RTA_NEXT(s, inner))
			if ((s->rta_type & NLA_TYPE_MASK) == SK_DIAG_BPF_STORAGE)
				show_storage(s);
	}
}

/* Asks for one family. Returns 0 or -errno. */
static int dump(int family, int protocol)
{
	struct nlmsghdr *header = (struct nlmsghdr *)request;
	struct inet_diag_req_v2 *asked = NLMSG_DATA(header);
	unsigned end = NLMSG_SPACE(sizeof(*asked));
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), result = 1;

	memset(request, 0, sizeof(request));
	*header = (struct nlmsghdr){ .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP };
	*asked = (struct inet_diag_req_v2){ .sdiag_family = (uint8_t)family, .sdiag_protocol = (uint8_t)protocol, .idiag_states = ~0u };
	if (words > 2 && strcmp(word[2], "none")) {
		unsigned begin = end;
		put(&end, INET_DIAG_REQ_SK_BPF_STORAGES | NLA_F_NESTED, NULL, 0);
		for (int i = 2; i < words && strcmp(word[2], "all"); i++) {
			const char *spec = word[i];
			/* "short:m0" is an attribute of the wrong length, "odd:m0" one of a kind nobody knows. */
			unsigned size = strncmp(spec, "short:", 6) ? 4 : 2;
			int type = strncmp(spec, "odd:", 4) ? SK_DIAG_BPF_STORAGE_REQ_MAP_FD : 9;
			const char *colon = strchr(spec, ':');
			uint32_t map_fd = (uint32_t)own_fd_of(colon ? colon + 1 : spec);
			put(&end, type, &map_fd, size);
		}
		((struct rtattr *)(request + begin))->rta_len = (unsigned short)(end - begin);
	}
	header->nlmsg_len = end;
	if (fd < 0 || send(fd, request, end, 0) < 0)
		result = -errno;
	while (result > 0) {
		long got = recv(fd, reply, sizeof(reply), 0);
		if (got < 0)
			result = -errno;
		unsigned left = got < 0 ? 0 : (unsigned)got;
		for (struct nlmsghdr *m = (void *)reply; result > 0 && NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
			if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR)
				result = *(int *)NLMSG_DATA(m);
			else
				show_socket(m);
		}
	}
	if (fd >= 0)
		close(fd);
	return result;
}

/* dump tcp|udp none|all|MAP...: "ok s0:STATE,m0=HEX,m1=HEX s1:STATE", or "err ERRNO" alone */
void cmd_dump(void)
{
	int protocol = strcmp(word[1], "udp") ? IPPROTO_TCP : IPPROTO_UDP;
	int err;
	printf("dump");
	err = dump(AF_INET, protocol);
	if (err == 0)
		err = dump(AF_INET6, protocol);
	printf(" end %d\n", -err);
}
