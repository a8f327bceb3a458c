// How loops are told to compilers, so that they become vector instructions.
#ifndef CRESCENDO_VECTORIZED_H_
#define CRESCENDO_VECTORIZED_H_

// A function compiled for several instruction sets, the best of which is taken at load. Together
// with -ffp-contract=off all of them give the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CRESCENDO_VECTORIZED __attribute__((target_clones("avx512f", "avx2", "default"), flatten))
#else
#define CRESCENDO_VECTORIZED
#endif

// Before a loop whose turns do not read what others write, whatever its pointers may be.
#if defined(__clang__)
#define CRESCENDO_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define CRESCENDO_INDEPENDENT _Pragma("GCC ivdep")
#endif

#endif
