/// The elementary functions for one float, and the fixed tree that ends every sum. The vector kernels give
/// the same bits. Plain loops and fmaf only: this is what the others are measured against.
#ifndef VANE_KERNELS_REFERENCE_FUNCTIONS_H
#define VANE_KERNELS_REFERENCE_FUNCTIONS_H

#include <math.h>
#include <string.h>

#include "../internal/constants.h"
#include "../internal/kernels.h"

/// Partial sums per row.
enum { LANES = 16 };

static inline float float_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t bits_from_float(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_from_bf16(uint16_t bits) { return float_from_bits((uint32_t)bits << 16); }

static inline float float_from_f16(uint16_t bits) {
    const uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
    const uint32_t exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
    if (exponent == 0) {
        // Zero or subnormal: fraction · 2^-24, exact in float.
        const float size = (float)fraction * 0x1p-24f;
        return float_from_bits(bits_from_float(size) | sign);
    }
    if (exponent == 31) {
        // A signalling NaN becomes a quiet one, as the conversion instructions do.
        const uint32_t quiet = fraction ? 0x400000 : 0;
        return float_from_bits(sign | 0x7F800000 | quiet | fraction << 13);
    }
    return float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static inline float exponential(float x) {
    x = x < EXP_LOWEST ? EXP_LOWEST : x;
    x = x > EXP_HIGHEST ? EXP_HIGHEST : x;
    const float shifted = fmaf(x, EXP_LOG2_E, EXP_ROUND);
    const float n = shifted - EXP_ROUND;
    float r = fmaf(n, -EXP_LN2_HIGH, x);
    r = fmaf(n, -EXP_LN2_LOW, r);
    float q = fmaf(EXP_Q4, r, EXP_Q3);
    q = fmaf(q, r, EXP_Q2);
    q = fmaf(q, r, EXP_Q1);
    q = fmaf(q, r, EXP_Q0);
    const float p = fmaf(r * r, q, r) + 1;
    // For NaN these bits are meaningless, but p is NaN already. Unsigned, so that nothing overflows.
    const int32_t exponent = (int32_t)(bits_from_float(shifted) - bits_from_float(EXP_ROUND));
    const int32_t half = exponent >> 1;
    const float first = float_from_bits(((uint32_t)half + 127) << 23);
    const float second = float_from_bits(((uint32_t)exponent - (uint32_t)half + 127) << 23);
    return p * first * second;
}

/// The normal distribution's weight below x; `bell` is exp(-x² / 2).
static inline float normal(float x, float bell) {
    const float size = x < 0 ? -x : x;
    const float t = 1 / fmaf(size, ERFC_SLOPE, 1);
    const float coefficients[] = {ERFC_Q9, ERFC_Q8, ERFC_Q7, ERFC_Q6, ERFC_Q5,
                                  ERFC_Q4, ERFC_Q3, ERFC_Q2, ERFC_Q1, ERFC_Q0};
    float q = coefficients[0];
    for (int i = 1; i < 10; i++) q = fmaf(q, t, coefficients[i]);
    const float tail = 0.5f * t * q * bell;
    return x < 0 ? tail : 1 - tail;
}

static inline float gelu_of(float x) { return x * normal(x, exponential(x * x * -0.5f)); }

static inline float gelu_tanh_of(float x) {
    const float u = x * fmaf(x * x, GELU_C3, GELU_C1);
    return x / (1 + exponential(u));
}

static inline float silu_of(float x) { return x / (1 + exponential(-x)); }

static inline float gelu_slope(float x) {
    const float bell = exponential(x * x * -0.5f);
    return fmaf(x * NORMAL_PEAK, bell, normal(x, bell));
}

static inline float clamp(float x, float limit) {
    x = x < -limit ? -limit : x;
    return x > limit ? limit : x;
}

static inline float gelu_tanh_slope(float x) {
    x = clamp(x, GELU_TANH_FLAT);
    const float square = x * x, e = exponential(x * fmaf(square, GELU_C3, GELU_C1)), s = 1 / (1 + e);
    return s * fmaf(-(x * fmaf(square, GELU_3C3, GELU_C1)), e * s, 1);
}

static inline float silu_slope(float x) {
    x = clamp(x, SILU_FLAT);
    const float e = exponential(-x), s = 1 / (1 + e);
    return s * fmaf(x, e * s, 1);
}

static inline float tree_sum(float *lanes) {
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

static inline double tree_sum_double(double *lanes) {
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

/// The largest of `x`, or -inf. The order of a scan and of the vectors' tree differ, which shows only in
/// the sign of a zero, and that sign vanishes in x - max.
static inline float largest(const float *x, long n) {
    float most = -INFINITY;
    for (long i = 0; i < n; i++) most = x[i] > most ? x[i] : most;
    return most;
}

#endif
