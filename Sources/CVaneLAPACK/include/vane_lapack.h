/// The LAPACK routines Vane calls, declared by their Fortran symbols: the same names are found in the
/// reference library on Linux and in Accelerate on macOS. Matrices are column-major.
#ifndef VANE_LAPACK_H
#define VANE_LAPACK_H

/// Eigenvalues (ascending, in `w`) and with `jobz` "V" eigenvectors (columns, over `a`) of a symmetric matrix
/// by divide and conquer. With `lwork` = `liwork` = -1 the sizes of the work arrays come back in `work[0]` and
/// `iwork[0]`. `info` is 0 on success.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);

/// Solves `a x = b` for a symmetric positive definite matrix by Cholesky's factors, which take the place of `a`; `x`
/// takes that of `b`. `info` is above 0 for a matrix that is not positive definite.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
            const int *ldb, int *info);

#endif
