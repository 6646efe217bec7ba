/*
 * Reads commands, answers each, ends at the end of its input. Lives in a network namespace of its own, so that optmem_max is its own
 * too, and holds only what it opened itself. A command that takes more than ten seconds ends it.
 */
#include "oracle.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

struct handle btfs[MAX_HANDLES], maps[MAX_HANDLES], socks[MAX_HANDLES];
char *word[4096];
int words;

static void forget(struct handle *handle)
{
	*handle = (struct handle){ .fd = CLOSED_FD, .peer = -1, .prog_fd = { -1, -1 }, .prog_link = { -1, -1 }, .args_fd = -1 };
}

/* Closes everything that commands opened, maps first: a socket's end is then the shorter. */
static void cmd_reset(void)
{
	for (int i = 0; i < MAX_HANDLES; i++) {
		map_forget_programs(&maps[i]);
		if (maps[i].fd != CLOSED_FD)
			close(maps[i].fd);
		if (socks[i].fd != CLOSED_FD)
			close(socks[i].fd);
		if (socks[i].peer >= 0)
			close(socks[i].peer);
		if (btfs[i].fd != CLOSED_FD)
			close(btfs[i].fd);
		forget(&maps[i]);
		forget(&socks[i]);
		forget(&btfs[i]);
	}
	set_caps(true);
	set_optmem(131072);
	answer(0);
}

static void cmd_version(void)
{
	struct utsname name;
	uname(&name);
	printf("ok %s\n", name.release);
}

static const struct {
	const char *name;
	void (*run)(void);
	int least; /* words, the name included */
} commands[] = {
	{ "version", cmd_version, 1 },     { "reset", cmd_reset, 1 },
	{ "btf", cmd_btf, 3 },             { "map", cmd_map, 10 },
	{ "btfinfo", cmd_btfinfo, 2 },     { "caps", cmd_caps, 2 },
	{ "byid", cmd_byid, 3 },           { "info", cmd_info, 2 },
	{ "update", cmd_update, 5 },       { "lookup", cmd_lookup, 4 },
	{ "lookdel", cmd_lookup_and_delete, 4 }, { "delete", cmd_delete, 3 },
	{ "next", cmd_next, 3 },           { "batch", cmd_batch, 5 },
	{ "freeze", cmd_freeze, 2 },
	{ "close", cmd_close, 2 },         { "optmem", cmd_optmem, 2 },
	{ "sock", cmd_sock, 4 },           { "accept", cmd_accept, 3 },
	{ "omem", cmd_omem, 2 },           { "settle", cmd_settle, 1 },
	{ "prog", cmd_prog, 4 },           { "testrun", cmd_testrun, 3 },
	{ "egress", cmd_egress, 3 },       { "iter", cmd_iter, 2 },
	{ "dump", cmd_dump, 2 },           { "bytecode", cmd_bytecode, 4 },
	{ "first", cmd_first, 3 },
	{ "effects", cmd_effects, 3 },
};

static void run(char *line)
{
	words = 0;
	for (char *at = strtok(line, " \n"); at && words < 4095; at = strtok(NULL, " \n"))
		word[words++] = at;
	if (words == 0 || word[0][0] == '#')
		return;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(word[0], commands[i].name))
			continue;
		if (words < commands[i].least)
			printf("bad too few words for %s\n", word[0]);
		else
			commands[i].run();
		return;
	}
	printf("bad unknown command %s\n", word[0]);
}

int main(void)
{
	struct rlimit files = { 2048, 2048 };
	char *line = NULL;
	size_t room = 0;

	if (unshare(CLONE_NEWNET)) {
		printf("%s: a network namespace of its own wants CAP_SYS_ADMIN\n", errno == EPERM ? "permission is missing" : strerror(errno));
		return 1;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < MAX_HANDLES; i++) {
		forget(&btfs[i]);
		forget(&maps[i]);
		forget(&socks[i]);
	}
	if (sockets_setup()) {
		printf("%s: the loopback device of its network namespace wants CAP_NET_ADMIN\n", errno == EPERM ? "permission is missing" : strerror(errno));
		return 1;
	}
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	printf("ready\n");
	fflush(stdout);
	while (getline(&line, &room, stdin) > 0) {
		/* "flush" ends a block of commands: their answers go out together. */
		if (!strcmp(line, "flush\n")) {
			fflush(stdout);
			continue;
		}
		alarm(10);
		run(line);
		alarm(0);
	}
	fflush(stdout);
	return 0;
}
