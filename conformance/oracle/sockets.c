/*
 * Sockets on the loopback of our own network namespace, their charge, and the limit on it.
 */
#include "oracle.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif
/* The place of sk_omem_alloc in what SO_MEMINFO answers. */
#define MEMINFO_OPTMEM 6

static int optmem_file;
/* Listeners that "connected" sockets connect to: IPv4, IPv6. */
static int hidden_listener[2];

static socklen_t loopback(int family, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)family;
	if (family == AF_INET6) {
		((struct sockaddr_in6 *)address)->sin6_addr = in6addr_loopback;
		return sizeof(struct sockaddr_in6);
	}
	((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(struct sockaddr_in);
}

/* A socket that goes at once when it is closed, without the states in which TCP would say farewell. */
static int new_socket(int family, int type)
{
	struct linger now = { 1, 0 };
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && type == SOCK_STREAM && family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return fd;
}

static int bound(int family, int type)
{
	struct sockaddr_storage address;
	socklen_t length = loopback(family, &address);
	int fd = new_socket(family, type);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, length)) {
		close(fd);
		return -1;
	}
	return fd;
}

int new_udp(int family)
{
	return bound(family, SOCK_DGRAM);
}

static int new_listener(int family)
{
	int fd = bound(family, SOCK_STREAM);
	if (fd >= 0 && listen(fd, 64)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A socket connected to a listener: it has not been accepted. */
static int connected_to(int listener)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int fd;

	if (getsockname(listener, (struct sockaddr *)&address, &length))
		return -1;
	fd = new_socket(address.ss_family, SOCK_STREAM);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, 0);
	if (connect(fd, (struct sockaddr *)&address, length)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int accept_soon(int listener)
{
	struct linger now = { 1, 0 };
	struct pollfd waiting = { listener, POLLIN, 0 };
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0 && errno == EAGAIN) {
		/* On a busy machine the handshake may still be on its way. */
		poll(&waiting, 1, 200);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	}
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return fd;
}

int sockets_setup(void)
{
	struct ifreq lo = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(lo.ifr_name, "lo");
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		return -1;
	close(fd);
	optmem_file = open("/proc/sys/net/core/optmem_max", O_RDWR | O_CLOEXEC);
	hidden_listener[0] = new_listener(AF_INET);
	/* Without IPv6 in this kernel -1, and sockets of that family are refused one by one. */
	hidden_listener[1] = new_listener(AF_INET6);
	return optmem_file < 0 || hidden_listener[0] < 0 ? -1 : 0;
}

uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);
	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size);
	return cookie;
}

int sock_by_cookie(uint64_t cookie)
{
	for (int i = 0; i < MAX_HANDLES; i++)
		if (socks[i].fd != CLOSED_FD && socks[i].cookie == cookie)
			return i;
	return -1;
}

static void adopt(struct handle *sock, int fd, int peer)
{
	sock->fd = fd;
	sock->peer = peer;
	sock->cookie = cookie_of(fd);
}

/* sock s0 tcp|udp|listener|connected|unix 4|6 */
void cmd_sock(void)
{
	int family = word[3][0] == '6' ? AF_INET6 : AF_INET;
	int fd, peer = -1;

	if (!strcmp(word[2], "udp"))
		fd = new_udp(family);
	else if (!strcmp(word[2], "listener"))
		fd = new_listener(family);
	else if (!strcmp(word[2], "unix"))
		fd = new_socket(AF_UNIX, SOCK_STREAM);
	else if (!strcmp(word[2], "connected")) {
		int listener = hidden_listener[family == AF_INET6];
		fd = connected_to(listener);
		if (fd >= 0)
			peer = accept_soon(listener);
	} else
		fd = new_socket(family, SOCK_STREAM);
	if (fd >= 0)
		adopt(handle_of(word[1], 's'), fd, peer);
	answer(fd < 0 ? -errno : 0);
}

/* accept s1 s0 [s2]: connects to s0 if it listens, and accepts. The child is cloned at the connection; s2 is then the client, which is hidden else. */
void cmd_accept(void)
{
	int listener = own_fd_of(word[2]), listening = 0, fd, err;
	socklen_t size = sizeof(listening);
	int peer = -1;

	getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
	if (listening)
		peer = connected_to(listener);
	fd = accept_soon(listener);
	err = fd < 0 ? -errno : 0;
	if (fd >= 0 && words > 3) {
		adopt(handle_of(word[1], 's'), fd, -1);
		adopt(handle_of(word[3], 's'), peer, -1);
	} else if (fd >= 0)
		adopt(handle_of(word[1], 's'), fd, peer);
	else if (peer >= 0)
		close(peer);
	answer(err);
}

/* close HANDLE */
void cmd_close(void)
{
	struct handle *handle = handle_of(word[1], word[1][0]);

	if (word[1][0] == 'm')
		map_will_close(handle);
	int err = close(handle->fd) ? -errno : 0;
	handle->fd = CLOSED_FD;
	if (handle->peer >= 0)
		close(handle->peer);
	handle->peer = -1;
	answer(err);
}

/* What a socket is charged, or -errno. */
int omem_of(int fd)
{
	uint32_t info[16] = { 0 };
	socklen_t size = sizeof(info);
	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size) ? -errno : (int)info[MEMINFO_OPTMEM];
}

/* omem s0 */
void cmd_omem(void)
{
	int bytes = omem_of(own_fd_of(word[1]));
	if (bytes < 0)
		answer(bytes);
	else
		printf("ok %d\n", bytes);
}

int set_optmem(long bytes)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", bytes);
	return pwrite(optmem_file, text, (size_t)length, 0) < 0 ? -errno : 0;
}

long get_optmem(void)
{
	char text[32] = "";
	return pread(optmem_file, text, sizeof(text) - 1, 0) < 0 ? -errno : atol(text);
}

/* optmem BYTES */
void cmd_optmem(void)
{
	answer(set_optmem(atol(word[1])));
}
