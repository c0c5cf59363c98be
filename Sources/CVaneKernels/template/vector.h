/// The vector the kernels are written in: sixteen floats, whatever the machine's registers hold. The
/// compiler makes one, two or four registers of it. Included once per instruction set, inside the
/// `#pragma clang attribute` that switches that set on; needs clang.
#include "../internal/constants.h"
#include "../internal/kernels.h"

#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { LANES = 16 };

typedef float vf __attribute__((ext_vector_type(16)));
typedef int32_t vi __attribute__((ext_vector_type(16)));
typedef double vd __attribute__((ext_vector_type(16)));
typedef uint16_t vu16 __attribute__((ext_vector_type(16)));
typedef _Float16 vh __attribute__((ext_vector_type(16)));
// The same without alignment.
typedef vf vf_any __attribute__((aligned(4)));
typedef vu16 vu16_any __attribute__((aligned(2)));
typedef vh vh_any __attribute__((aligned(2)));
typedef float v8f __attribute__((ext_vector_type(8)));
typedef v8f v8f_any __attribute__((aligned(4)));
typedef float v4f __attribute__((ext_vector_type(4)));
typedef float v2f __attribute__((ext_vector_type(2)));
typedef double v8d __attribute__((ext_vector_type(8)));
typedef double v4d __attribute__((ext_vector_type(4)));
typedef double v2d __attribute__((ext_vector_type(2)));

INLINE vf splat(float x) { return (vf)(x); }
INLINE vf load(const float *p) { return *(const vf_any *)p; }
INLINE void store(float *p, vf v) { *(vf_any *)p = v; }
INLINE vf fma16(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }

/// All ones in the lanes before `n`.
INLINE vi lanes_before(long n) {
    const vi index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return index < (vi)((int32_t)n);
}

#if defined(VK_MASKED)
INLINE vf load_part(const float *p, long n) {
    return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
INLINE void store_part(float *p, vf v, long n) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}
#else
/// The first `n` lanes from memory, the rest zero.
INLINE vf load_part(const float *p, long n) {
    vf v = splat(0);
    __builtin_memcpy(&v, p, (size_t)n * sizeof(float));
    return v;
}
INLINE void store_part(float *p, vf v, long n) { __builtin_memcpy(p, &v, (size_t)n * sizeof(float)); }
#endif

INLINE vf max16(vf a, vf b) { return a > b ? a : b; }

// Sums and maxima across lanes go by halves: lane i with lane i + 8, then i + 4, i + 2, i + 1.
INLINE float sum_lanes(vf v) {
    const v8f a = v.lo + v.hi;
    const v4f b = a.lo + a.hi;
    const v2f c = b.lo + b.hi;
    return c.x + c.y;
}
INLINE double sum_lanes_double(vd v) {
    const v8d a = v.lo + v.hi;
    const v4d b = a.lo + a.hi;
    const v2d c = b.lo + b.hi;
    return c.x + c.y;
}
INLINE float max_lanes(vf v) {
    const v8f a = v.lo > v.hi ? v.lo : v.hi;
    const v4f b = a.lo > a.hi ? a.lo : a.hi;
    const v2f c = b.lo > b.hi ? b.lo : b.hi;
    return c.x > c.y ? c.x : c.y;
}

/// Sixteen elements of a packed or plain array, as floats. `type` is a constant at every use.
INLINE vf widen16(const vk_type type, const void *p) {
    if (type == VK_F32) return load(p);
    if (type == VK_F16) return __builtin_convertvector(*(const vh_any *)p, vf);
    return (vf)(__builtin_convertvector(*(const vu16_any *)p, vi) << 16);
}
