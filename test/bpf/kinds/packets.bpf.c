// SPDX-License-Identifier: MIT
// Reads a byte of each packet.
#include "kinds.h"

SEC("cgroup_skb/egress")
int packets(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct bpf_sock *sk = skb->sk;
	struct seen *seen;

	sk = sk ? bpf_sk_fullsock(sk) : 0;
	seen = sk ? SEEN(sk) : 0;
	if (seen && data + 1 <= end)
		seen->number = data[0];
	return 1;
}
