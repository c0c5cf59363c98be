/// The matrix product. A tile holds R rows by V vectors of outputs in registers and walks k upwards, so
/// each output is one chain of fused multiply-adds, whatever the tile's shape. A chain may rest in y
/// between two blocks of k: storing a float and loading it again changes nothing.
///
/// The including file names its block of inputs, K_BLOCK, the side of a transposed square, SQUARE, and its
/// tiles: TILES(X) lists X(rows, vectors, SUFFIX, TYPE), WIDE(rows) and
/// NARROW(rows) give the vectors of the shape for many panels and for one.

/// Inputs per block of k. Long blocks win: a sum that rests in y costs more than the panel's way from the
/// second-level cache. The copy of VK_ROW_BLOCK rows must fit on a thread's stack.
enum { K_STRIDE = K_BLOCK + 16 };
/// Bounds of a tile. Arrays have these sizes rather than R and V, because the compiler does not keep an
/// array of variable length in registers, however constant its length is after inlining.
enum { MOST_VECTORS = 8, MOST_SUMS = 24 };

typedef struct tile_call {
    float *y;
    const float *x;
    /// The first output's weight for the first input.
    const char *w;
    const float *bias;
    long y_stride, x_stride;
    /// Bytes from panel to panel.
    long panel_bytes;
    /// Inputs in this block, and outputs that exist from the first on.
    long k, columns;
    /// Whether the sums continue from y, and whether they end here.
    int resume, finish;
} tile_call;

INLINE void tile(const int R, const int V, const vk_type type, const tile_call *call) {
    const long size = type == VK_F32 ? 4 : 2;
    // A tile of many rows takes longer over each weight but reads one panel, so it must look further ahead.
    const long ahead = (R <= 4 ? 24 : 48) * VK_PANEL * size;
    const long x_stride = call->x_stride, y_stride = call->y_stride, k = call->k;
    const long panel_bytes = call->panel_bytes;
    vf sum[MOST_SUMS];
    UNROLL for (int i = 0; i < R * V; i++) sum[i] = splat(0);
    if (call->resume) {
        UNROLL for (int v = 0; v < V; v++) {
            const long n = vk_max(0, call->columns - v * LANES);
            UNROLL for (int r = 0; r < R; r++) {
                const float *y = call->y + r * y_stride + v * LANES;
                sum[r * V + v] = n >= LANES ? load(y) : load_part(y, n);
            }
        }
    }
    const float *x = call->x;
    const char *w = call->w;
    for (long j = 0; j < k; j++) {
        vf weight[MOST_VECTORS];
        UNROLL for (int v = 0; v < V; v++) {
            const char *p = w + (v / 2) * panel_bytes + (v % 2) * LANES * size;
            weight[v] = widen16(type, p);
            if (type == VK_F32 || v % 2 == 0) __builtin_prefetch(p + ahead);
        }
        UNROLL for (int r = 0; r < R; r++) {
            const vf input = splat(x[r * x_stride]);
            UNROLL for (int v = 0; v < V; v++) sum[r * V + v] = fma16(input, weight[v], sum[r * V + v]);
        }
        x++;
        w += VK_PANEL * size;
    }
    UNROLL for (int v = 0; v < V; v++) {
        const long n = vk_max(0, call->columns - v * LANES);
        vf bias = splat(0);
        if (call->finish && call->bias)
            bias = n >= LANES ? load(call->bias + v * LANES) : load_part(call->bias + v * LANES, n);
        UNROLL for (int r = 0; r < R; r++) {
            float *y = call->y + r * y_stride + v * LANES;
            // Without a bias nothing is added, so that -0 stays -0.
            const vf result = call->finish && call->bias ? sum[r * V + v] + bias : sum[r * V + v];
            if (n >= LANES)
                store(y, result);
            else
                store_part(y, result, n);
        }
    }
}

#define DEFINE(R, V, SUFFIX, TYPE)                                                       \
    static __attribute__((noinline)) void tile_##R##_##V##_##SUFFIX(const tile_call *c) { \
        tile(R, V, TYPE, c);                                                             \
    }
TILES(DEFINE, f32, VK_F32)
TILES(DEFINE, bf16, VK_BF16)
TILES(DEFINE, f16, VK_F16)
#undef DEFINE

typedef void (*tile_function)(const tile_call *);

static tile_function find_tile(vk_type type, long rows, long vectors) {
#define ENTRY(R, V, SUFFIX, TYPE) [TYPE][R][V] = tile_##R##_##V##_##SUFFIX,
    static const tile_function all[3][TILE_ROWS + 1][MOST_VECTORS + 1] = {
        TILES(ENTRY, f32, VK_F32) TILES(ENTRY, bf16, VK_BF16) TILES(ENTRY, f16, VK_F16)};
#undef ENTRY
    return all[type][rows][vectors];
}

/// A few rows: the weights are read once, and several panels run side by side so that enough sums are
/// under way.
static void linear_narrow(const vk_linear_call *call, tile_call tile, long rows, long begin, long end) {
    const long size = (long)vk_type_size(call->type);
    long panel = begin;
    tile.k = call->k;
    tile.finish = 1;
    for (int pass = 0; pass < 2; pass++) {
        const long vectors = pass == 0 ? WIDE(rows) : NARROW(rows);
        const long step = vectors * LANES;
        const tile_function run = find_tile(call->type, rows, vectors);
        for (; (end - panel) * VK_PANEL >= step; panel += vk_max(1, step / VK_PANEL)) {
            for (long i = 0; i < VK_PANEL && panel * VK_PANEL + i < call->n; i += step) {
                const long output = panel * VK_PANEL + i;
                tile.w = (const char *)call->packed + panel * tile.panel_bytes + i * size;
                tile.y = call->y + output;
                tile.bias = call->bias ? call->bias + output : NULL;
                tile.columns = call->n - output;
                run(&tile);
            }
        }
    }
}

/// Many rows: for each block of k, each panel meets all rows, a tile of rows at a time. The rows' inputs
/// are copied side by side first: rows a power of two apart would fall on the same few cache sets. Inputs
/// that lie in columns are turned on the way.
static void linear_block(const vk_linear_call *call, tile_call tile, long row_begin, long row_end,
                         long begin, long end) {
    float copy[VK_ROW_BLOCK * K_STRIDE];
    const long size = (long)vk_type_size(call->type), rows = row_end - row_begin;
    const long groups = vk_ceil_div(rows, TILE_ROWS), step = NARROW(TILE_ROWS) * LANES;
    tile.x_stride = K_STRIDE;
    for (long j = 0; j == 0 || j < call->k; j += K_BLOCK) {
        tile.k = vk_min(K_BLOCK, call->k - j);
        tile.resume = j > 0;
        tile.finish = j + K_BLOCK >= call->k;
        if (call->transposed)
            transpose(copy, K_STRIDE, call->x + j * call->x_stride + row_begin, call->x_stride, tile.k, rows);
        else
            for (long row = 0; row < rows; row++)
                __builtin_memcpy(copy + row * K_STRIDE, call->x + (row_begin + row) * call->x_stride + j,
                                 (size_t)tile.k * sizeof(float));
        for (long output = begin * VK_PANEL; output < vk_min(end * VK_PANEL, call->n); output += step) {
            tile.w = (const char *)call->packed + output / VK_PANEL * tile.panel_bytes +
                     (j * VK_PANEL + output % VK_PANEL) * size;
            tile.bias = call->bias ? call->bias + output : NULL;
            tile.columns = call->n - output;
            for (long group = 0; group < groups; group++) {
                const long first = rows * group / groups, next = rows * (group + 1) / groups;
                tile.x = copy + first * K_STRIDE;
                tile.y = call->y + (row_begin + first) * call->y_stride + output;
                find_tile(call->type, next - first, NARROW(TILE_ROWS))(&tile);
            }
        }
    }
}

static void linear(const vk_linear_call *call, long row_begin, long row_end, long begin, long end) {
    tile_call tile = {.y_stride = call->y_stride,
                      .x_stride = call->x_stride,
                      .panel_bytes = VK_PANEL * call->k * (long)vk_type_size(call->type)};
    const long rows = row_end - row_begin;
    if (rows <= FEW_ROWS && !call->transposed) {
        tile.x = call->x + row_begin * call->x_stride;
        vk_linear_call part = *call;
        part.y += row_begin * call->y_stride;
        linear_narrow(&part, tile, rows, begin, end);
    } else {
        linear_block(call, tile, row_begin, row_end, begin, end);
    }
}
