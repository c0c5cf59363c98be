/// exp, erfc and the activations, for sixteen floats at a time.

INLINE vf exp16(vf x) {
    // Comparisons that are false for NaN let NaN through.
    x = x < splat(EXP_LOWEST) ? splat(EXP_LOWEST) : x;
    x = x > splat(EXP_HIGHEST) ? splat(EXP_HIGHEST) : x;
    const vf shifted = fma16(x, splat(EXP_LOG2_E), splat(EXP_ROUND));
    const vf n = shifted - splat(EXP_ROUND);
    vf r = fma16(n, splat(-EXP_LN2_HIGH), x);
    r = fma16(n, splat(-EXP_LN2_LOW), r);
    vf q = fma16(splat(EXP_Q4), r, splat(EXP_Q3));
    q = fma16(q, r, splat(EXP_Q2));
    q = fma16(q, r, splat(EXP_Q1));
    q = fma16(q, r, splat(EXP_Q0));
    const vf p = fma16(r * r, q, r) + splat(1);
    // Two factors, because 2^n alone leaves the range of float near both ends.
    const vi exponent = (vi)shifted - (vi)splat(EXP_ROUND);
    const vi half = exponent >> 1;
    const vf first = (vf)((half + 127) << 23);
    const vf second = (vf)((exponent - half + 127) << 23);
    return p * first * second;
}

/// The normal distribution's weight below x; `bell` is exp(-x² / 2).
INLINE vf normal16(vf x, vf bell) {
    const vf size = x < splat(0) ? -x : x;
    const vf t = splat(1) / fma16(size, splat(ERFC_SLOPE), splat(1));
    vf q = fma16(splat(ERFC_Q9), t, splat(ERFC_Q8));
    q = fma16(q, t, splat(ERFC_Q7));
    q = fma16(q, t, splat(ERFC_Q6));
    q = fma16(q, t, splat(ERFC_Q5));
    q = fma16(q, t, splat(ERFC_Q4));
    q = fma16(q, t, splat(ERFC_Q3));
    q = fma16(q, t, splat(ERFC_Q2));
    q = fma16(q, t, splat(ERFC_Q1));
    q = fma16(q, t, splat(ERFC_Q0));
    // Half of erfc(|x| / √2): the weight of the side that x is not on.
    const vf tail = splat(0.5f) * t * q * bell;
    return x < splat(0) ? tail : splat(1) - tail;
}

INLINE vf gelu16(vf x) { return x * normal16(x, exp16(x * x * splat(-0.5f))); }

INLINE vf gelu_tanh16(vf x) {
    const vf u = x * fma16(x * x, splat(GELU_C3), splat(GELU_C1));
    return x / (splat(1) + exp16(u));
}

INLINE vf silu16(vf x) { return x / (splat(1) + exp16(-x)); }

INLINE vf relu16(vf x) { return x < splat(0) ? splat(0) : x; }

// Gradients: dy times the derivative at x.

INLINE vf gelu_gradient16(vf dy, vf x) {
    const vf bell = exp16(x * x * splat(-0.5f));
    return dy * fma16(x * splat(NORMAL_PEAK), bell, normal16(x, bell));
}

/// x within -limit ... limit; lets NaN through.
INLINE vf clamp16(vf x, float limit) {
    x = x < splat(-limit) ? splat(-limit) : x;
    return x > splat(limit) ? splat(limit) : x;
}

INLINE vf gelu_tanh_gradient16(vf dy, vf x) {
    x = clamp16(x, GELU_TANH_FLAT);
    const vf square = x * x;
    const vf e = exp16(x * fma16(square, splat(GELU_C3), splat(GELU_C1)));
    const vf s = splat(1) / (splat(1) + e);
    const vf slope = fma16(square, splat(GELU_3C3), splat(GELU_C1));
    return dy * (s * fma16(-(x * slope), e * s, splat(1)));
}

INLINE vf silu_gradient16(vf dy, vf x) {
    x = clamp16(x, SILU_FLAT);
    const vf e = exp16(-x);
    const vf s = splat(1) / (splat(1) + e);
    return dy * (s * fma16(x, e * s, splat(1)));
}

INLINE vf relu_gradient16(vf dy, vf x) { return x > splat(0) ? dy : splat(0); }
