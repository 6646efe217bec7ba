/*
 * What all commands share: the bpf system call, handles, hexadecimal, answers.
 */
#include "oracle.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

int bpf(int cmd, union bpf_attr *attr, unsigned size)
{
	long result = syscall(SYS_bpf, cmd, attr, size);
	return result < 0 ? -errno : (int)result;
}

/* The handle "m3" for kind 'm', or NULL. */
struct handle *handle_of(const char *spec, char kind)
{
	unsigned n = (unsigned)atoi(spec + 1);
	if (spec[0] != kind || n >= MAX_HANDLES)
		return NULL;
	return kind == 'b' ? &btfs[n] : kind == 'm' ? &maps[n] : &socks[n];
}

/* A descriptor: of a handle, of a file that is neither map nor socket ("file"), one that is not open ("closed"), or the number itself. */
int own_fd_of(const char *spec)
{
	static int file = -1;
	struct handle *handle;

	if (!strcmp(spec, "closed"))
		return CLOSED_FD;
	if (!strcmp(spec, "file"))
		return file >= 0 ? file : (file = open("/dev/null", O_RDWR | O_CLOEXEC));
	for (const char *kind = "bms"; *kind; kind++)
		if ((handle = handle_of(spec, *kind)))
			return handle->fd;
	return (int)strtol(spec, NULL, 10);
}

static int digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* Bytes of a string of pairs of digits; "01ab*7" repeats them up to seven bytes, "-" is none. Returns how many. */
unsigned hex_to_bytes(const char *hex, uint8_t *bytes, unsigned room)
{
	unsigned count = 0, whole;
	if (hex[0] == '-')
		return 0;
	for (; hex[0] && hex[0] != '*' && hex[1] && count < room; hex += 2)
		bytes[count++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
	if (hex[0] != '*' || count == 0)
		return count;
	whole = (unsigned)atoi(hex + 1);
	for (unsigned i = count; i < whole && i < room; i++)
		bytes[i] = bytes[i - count];
	return whole < room ? whole : room;
}

void print_hex(const uint8_t *bytes, unsigned count)
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < count; i++) {
		putchar(digits[bytes[i] >> 4]);
		putchar(digits[bytes[i] & 15]);
	}
}

/* Answers a plain result: "ok" for 0 and more, else the errno. */
void answer(long result)
{
	if (result < 0)
		printf("err %ld\n", -result);
	else
		printf("ok\n");
}

/* A copy that ends where the process may not read on, so that the kernel's reading too far is EFAULT. */
uint8_t *guarded(const uint8_t *bytes, unsigned count)
{
	static uint8_t *area;
	const unsigned size = 2 * MAX_VALUE;
	if (!area) {
		area = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(area + size, 4096, PROT_NONE);
	}
	memcpy(area + size - count, bytes, count);
	return area + size - count;
}
