// SPDX-License-Identifier: MIT
// The same by the helper.
#include "kinds.h"

SEC("cgroup_skb/egress")
int packet_bytes(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct seen *seen;

	sk = sk ? bpf_sk_fullsock(sk) : 0;
	seen = sk ? SEEN(sk) : 0;
	if (seen)
		bpf_skb_load_bytes(skb, 0, &seen->number, sizeof(seen->number));
	return 1;
}
