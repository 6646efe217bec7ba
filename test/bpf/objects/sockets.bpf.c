// SPDX-License-Identifier: MIT
/* Programs that syscalls of sockets call: events of connections, and socket options. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SOL_SOCKET 1
#define SO_PRIORITY 12
#define SO_MARK 36
#define ENOPROTOOPT 92

struct life { __u32 connects, established, accepted, changes, from, to; };

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct life);
} lives SEC(".maps");

/* Events by their number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

__u32 flags_left, ports, open_connections;

SEC("sockops")
int track(struct bpf_sock_ops *ops)
{
	__u32 op = ops->op;
	__u32 *count = bpf_map_lookup_elem(&events, &op);
	struct bpf_sock *sk = ops->sk;
	struct life *life;

	if (count)
		__sync_fetch_and_add(count, 1);
	if (!sk)
		return 1;
	life = bpf_sk_storage_get(&lives, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!life)
		return 1;
	switch (op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		life->connects++;
		flags_left = bpf_sock_ops_cb_flags_set(ops, BPF_SOCK_OPS_STATE_CB_FLAG | 0x4000);
		break;
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		bpf_sock_ops_cb_flags_set(ops, BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		life->established++;
		ports = ops->local_port << 16 | ops->remote_port >> 16;
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		life->accepted++;
		break;
	case BPF_SOCK_OPS_STATE_CB:
		life->changes++;
		life->from = ops->args[0];
		life->to = ops->args[1];
		break;
	}
	return 1;
}

/* Connections that are open: a plain counter that two CPUs may change at once. */
SEC("sockops")
int gauge(struct bpf_sock_ops *ops)
{
	if (ops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		open_connections++;
	return 1;
}

/* A mark of 8 bytes is refused, one of 12 ignored, one of 13 asks for too much, one of 5 is a priority. */
__u32 asked;

SEC("cgroup/setsockopt")
int guard(struct bpf_sockopt *ctx)
{
	asked++;
	if (ctx->level != SOL_SOCKET || ctx->optname != SO_MARK)
		return 1;
	if (ctx->optlen == 8)
		return 0;
	if (ctx->optlen == 12)
		ctx->optlen = -1;
	if (ctx->optlen == 13)
		ctx->optlen = 4096;
	if (ctx->optlen == 5)
		ctx->optname = SO_PRIORITY;
	return 1;
}

/* An option that is none reads as 0; of SO_PRIORITY nobody is told. */
SEC("cgroup/getsockopt")
int answer(struct bpf_sockopt *ctx)
{
	asked++;
	if (ctx->optname == SO_PRIORITY)
		return 0;
	if (ctx->retval == -ENOPROTOOPT)
		ctx->retval = 0;
	if (ctx->optname == SO_MARK)
		ctx->optlen = 2;
	return 1;
}

/* Events in their order: the number, the state that the context has, and that of the socket. */
struct event { __u32 op, state, of_socket; };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct event);
} order SEC(".maps");

__u32 next;

SEC("sockops")
int note(struct bpf_sock_ops *ops)
{
	__u32 at = next++;
	struct event *event = bpf_map_lookup_elem(&order, &at);
	struct bpf_sock *sk = ops->sk;

	bpf_sock_ops_cb_flags_set(ops, BPF_SOCK_OPS_STATE_CB_FLAG);
	if (!event || !sk)
		return 1;
	event->op = ops->op;
	event->state = ops->state;
	event->of_socket = sk->state;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
