/// Constants of the elementary functions. The scalar reference and the vector templates share them, and
/// apply them in the same order, so that both give the same bits.
#ifndef VANE_KERNELS_CONSTANTS_H
#define VANE_KERNELS_CONSTANTS_H

// exp(x) = 2^n · exp(r), n = round(x / ln 2), r = x - n·ln 2 in two parts.
#define EXP_LOWEST -104.0f  // exp of this rounds to zero
#define EXP_HIGHEST 89.0f   // exp of this is infinite
#define EXP_LOG2_E 1.44269504f
/// 1.5·2^23: adding it rounds to an integer, which then stands in the low bits.
#define EXP_ROUND 12582912.0f
#define EXP_LN2_HIGH 0.693359375f
#define EXP_LN2_LOW -2.12194440e-4f
// exp(r) = 1 + r + r²·q(r) for |r| ≤ ln 2 / 2; relative error 3e-9 (minimax fit).
#define EXP_Q0 0.49999994f
#define EXP_Q1 0.16666521f
#define EXP_Q2 0.04166839f
#define EXP_Q3 0.008368745f
#define EXP_Q4 0.0013814538f

// erfc(z) = exp(-z²) · t·q(t), t = 1 / (1 + 0.45·z), for 0 ≤ z ≤ 9.5; relative error 1e-8 (minimax).
#define ERFC_SLOPE 0.318198052f  // 0.45 / √2
#define ERFC_Q0 0.25386664f
#define ERFC_Q1 0.2542843f
#define ERFC_Q2 0.22463681f
#define ERFC_Q3 0.19350164f
#define ERFC_Q4 0.06387271f
#define ERFC_Q5 0.08735354f
#define ERFC_Q6 0.0052612107f
#define ERFC_Q7 -0.19458848f
#define ERFC_Q8 0.144566998f
#define ERFC_Q9 -0.032755405f

// gelu_tanh(x) = x / (1 + exp(x·(c1 + c3·x²))), as 0.5·(1 + tanh(u)) = 1 / (1 + exp(-2u)).
#define GELU_C1 -1.59576912f    // -2·√(2/π)
#define GELU_C3 -0.0713548163f  // 0.044715 of that

// Gradients of the activations. Beyond ±…_FLAT a derivative is 0 or 1 to within 1e-33, and before it no
// exponential is infinite.
#define NORMAL_PEAK 0.398942280f  // 1 / √(2π)
#define GELU_3C3 -0.214064449f    // 3·GELU_C3
#define GELU_TANH_FLAT 10.0f
#define SILU_FLAT 80.0f

#endif
