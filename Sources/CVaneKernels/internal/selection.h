/// Selection of the largest numbers of a row, shared by all instruction sets.
#ifndef VANE_KERNELS_SELECTION_H
#define VANE_KERNELS_SELECTION_H

#include <string.h>

#include "kernels.h"

/// Candidates held before they are cut down to the best `k`, besides room for one more vector.
static inline long vk_top_capacity(long k) { return 4 * k + 64; }

/// Orders by number, then by lower index: the bits of positive floats order like the floats.
static inline uint64_t vk_top_key(float value, long index) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint64_t)bits << 32 | (uint32_t)~(uint32_t)index;
}

/// The `k`-th largest of `n` different keys; reorders them. 1 <= k <= n.
static inline uint64_t vk_kth_key(uint64_t *keys, long n, long k) {
    long low = 0, high = n - 1;
    const long place = k - 1;
    while (low < high) {
        const uint64_t pivot = keys[low + (high - low) / 2];
        long i = low, j = high;
        while (i <= j) {
            while (keys[i] > pivot) i++;
            while (keys[j] < pivot) j--;
            if (i > j) break;
            const uint64_t key = keys[i];
            keys[i++] = keys[j];
            keys[j--] = key;
        }
        if (place <= j)
            high = j;
        else if (place >= i)
            low = i;
        else
            break;
    }
    return keys[place];
}

/// Candidates of a row, in the order of their indices.
typedef struct vk_top {
    uint64_t *keys, *spare;
    long count, k;
    /// Only larger numbers can still be among the best.
    float bound;
} vk_top;

/// Keeps the best `k` in their order and raises the bound to the least of them.
static inline void vk_top_cut(vk_top *top) {
    if (top->count < top->k || top->k == 0) return;
    memcpy(top->spare, top->keys, (size_t)top->count * sizeof(uint64_t));
    const uint64_t least = vk_kth_key(top->spare, top->count, top->k);
    long kept = 0;
    for (long i = 0; i < top->count; i++)
        if (top->keys[i] >= least) top->keys[kept++] = top->keys[i];
    top->count = kept;
    const uint32_t bits = (uint32_t)(least >> 32);
    memcpy(&top->bound, &bits, sizeof bits);
}

/// Writes what is left after the last cut.
static inline long vk_top_finish(vk_top *top, int32_t *indices, float *values) {
    vk_top_cut(top);
    for (long i = 0; i < top->count; i++) {
        const uint32_t bits = (uint32_t)(top->keys[i] >> 32);
        indices[i] = (int32_t)~(uint32_t)top->keys[i];
        memcpy(values + i, &bits, sizeof bits);
    }
    return top->count;
}

#endif
