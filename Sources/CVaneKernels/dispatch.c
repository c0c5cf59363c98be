/// Choice of the instruction set.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "internal/kernels.h"

static _Atomic(const vk_kernels *) active = NULL;

static const vk_kernels *table(vk_simd simd) {
    switch (simd) {
    case VK_SIMD_SCALAR: return &vk_kernels_scalar;
#if defined(__aarch64__)
    case VK_SIMD_NEON: return &vk_kernels_neon;
#endif
#if defined(__x86_64__)
    case VK_SIMD_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                       __builtin_cpu_supports("f16c")
                   ? &vk_kernels_avx2
                   : NULL;
    case VK_SIMD_AVX512:
        return table(VK_SIMD_AVX2) && __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq")
                   ? &vk_kernels_avx512
                   : NULL;
#endif
    default: return NULL;
    }
}

static const vk_simd narrowest_last[] = {VK_SIMD_AVX512, VK_SIMD_AVX2, VK_SIMD_NEON, VK_SIMD_SCALAR};

static const vk_kernels *choose(void) {
    const char *wish = getenv("VANE_SIMD");
    const vk_kernels *widest = NULL;
    for (int i = 0; i < 4; i++) {
        const vk_kernels *candidate = table(narrowest_last[i]);
        if (!candidate) continue;
        if (!widest) widest = candidate;
        if (wish && strcmp(wish, vk_simd_name(narrowest_last[i])) == 0) return candidate;
    }
    return widest;
}

const vk_kernels *vk_active(void) {
    const vk_kernels *kernels = atomic_load_explicit(&active, memory_order_acquire);
    if (kernels) return kernels;
    // Two threads may both get here; both choose the same table, and a choice made meanwhile stands.
    const vk_kernels *none = NULL;
    atomic_compare_exchange_strong(&active, &none, choose());
    return atomic_load_explicit(&active, memory_order_acquire);
}

vk_simd vk_simd_active(void) {
    const vk_kernels *kernels = vk_active();
    for (int i = 0; i < 4; i++)
        if (table(narrowest_last[i]) == kernels) return narrowest_last[i];
    return VK_SIMD_SCALAR;
}

int vk_simd_available(vk_simd simd) { return table(simd) != NULL; }

int vk_simd_select(vk_simd simd) {
    const vk_kernels *kernels = table(simd);
    if (!kernels) return -1;
    atomic_store_explicit(&active, kernels, memory_order_release);
    return 0;
}

const char *vk_simd_name(vk_simd simd) {
    switch (simd) {
    case VK_SIMD_NEON: return "neon";
    case VK_SIMD_AVX2: return "avx2";
    case VK_SIMD_AVX512: return "avx512";
    default: return "scalar";
    }
}
