#if defined(__aarch64__)

#include "../internal/kernels.h"
#include "../template/small_registers.h"

// Every 64-bit ARM has NEON with fused multiply-add and half precision conversion: no switch is needed.
#define TABLE vk_kernels_neon
#include "../template/all.h"
#endif
