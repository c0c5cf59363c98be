/// Shapes for sixteen 32-byte registers (AVX2) or thirty-two 16-byte ones (NEON): eight vectors of
/// sixteen floats in all, of which six or less hold sums.
#define TILE_ROWS 6
#define SQUARE 8
#define K_BLOCK 384
#define FEW_ROWS 3
#define WIDE(ROWS) ((ROWS) == 1 ? 4 : 2)
#define NARROW(ROWS) ((ROWS) <= 3 ? 2 : 1)
#define TILES(X, SUFFIX, TYPE)                                                          \
    X(1, 4, SUFFIX, TYPE) X(1, 2, SUFFIX, TYPE) X(2, 2, SUFFIX, TYPE) X(3, 2, SUFFIX, TYPE) \
    X(1, 1, SUFFIX, TYPE) X(2, 1, SUFFIX, TYPE) X(3, 1, SUFFIX, TYPE)                   \
    X(4, 1, SUFFIX, TYPE) X(5, 1, SUFFIX, TYPE) X(6, 1, SUFFIX, TYPE)
#define SCORE_BLOCKS(ROWS) ((ROWS) == 1 ? 4 : (ROWS) == 2 ? 2 : 1)
#define MIX_VECTORS(ROWS) ((ROWS) == 1 ? 4 : (ROWS) == 2 ? 2 : 1)
