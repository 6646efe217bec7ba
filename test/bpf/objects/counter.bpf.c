// counter.bpf.c
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock; /* for later */
	__u32 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct counter);
} egress SEC(".maps");

static __always_inline struct counter *counter_of(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	if (!sk)
		return 0;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 0;
	return bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
}

SEC("cgroup_skb/egress")
int count(struct __sk_buff *skb)
{
	struct counter *c = counter_of(skb);
	if (c) {
		c->packets++;
		c->bytes += skb->len;
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";

SEC("cgroup_skb/egress")
int count_atomic(struct __sk_buff *skb)
{
	struct counter *c = counter_of(skb);
	if (c) {
		__sync_fetch_and_add(&c->packets, 1);
		__sync_fetch_and_add(&c->bytes, skb->len);
	}
	return 1;
}

SEC("cgroup_skb/egress")
int count_locked(struct __sk_buff *skb)
{
	struct counter *c = counter_of(skb);
	if (c) {
		bpf_spin_lock(&c->lock);
		c->packets++;
		c->bytes += skb->len;
		bpf_spin_unlock(&c->lock);
	}
	return 1;
}

static __always_inline struct counter *counter_for_sure(struct __sk_buff *skb)
{
	struct counter *c = counter_of(skb);
	return c ? c : counter_of(skb);
}

SEC("cgroup_skb/egress")
int count_first(struct __sk_buff *skb)
{
	struct counter *c = counter_for_sure(skb);
	if (c) {
		__sync_fetch_and_add(&c->packets, 1);
		__sync_fetch_and_add(&c->bytes, skb->len);
	}
	return 1;
}
