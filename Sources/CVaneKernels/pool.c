/// A pool of persistent threads. The thread that calls works too, so a pool of n has n - 1 workers.
///
/// One word, the gate, carries the whole protocol: how many workers are inside the current job, whether the
/// job is still open, and the job's number. A worker that wakes late finds the gate closed and goes
/// back to waiting, so the caller never waits for a worker that has not begun.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // for sched_getaffinity
#endif
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
static inline void pause_briefly(void) { _mm_pause(); }
#elif defined(__aarch64__)
static inline void pause_briefly(void) { __asm__ volatile("yield"); }
#else
static inline void pause_briefly(void) {}
#endif

enum { SPINS_BEFORE_SLEEP = 20000, SPINS_BEFORE_YIELD = 2000 };

static const uint64_t GATE_ACTIVE = 0xFFFF;
static const uint64_t GATE_OPEN = 0x10000;
static const uint64_t GATE_NEXT_JOB = 0x20000;

typedef struct worker {
    pthread_t thread;
    int slot;
} worker;

static struct {
    _Alignas(128) _Atomic uint64_t gate;
    _Alignas(128) atomic_long next_part;
    /// Held by the thread whose job runs, or that changes the number of threads.
    _Alignas(128) atomic_flag busy;
    atomic_int sleepers;
    atomic_int quitting;
    atomic_int threads;
    // Written only while the gate is closed and nobody is inside.
    vk_slot_job job;
    void *context;
    long parts;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    worker workers[VK_MAX_THREADS];
} pool = {.busy = ATOMIC_FLAG_INIT, .mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static pthread_once_t pool_once = PTHREAD_ONCE_INIT;
static _Thread_local int inside_job = 0;

static void run_parts(int slot) {
    const vk_slot_job job = pool.job;
    void *const context = pool.context;
    const long parts = pool.parts;
    for (;;) {
        const long part = atomic_fetch_add_explicit(&pool.next_part, 1, memory_order_relaxed);
        if (part >= parts) return;
        job(context, part, slot);
    }
}

/// True if there is a job after `seen` that may still be joined, or the pool ends.
static int has_news(uint64_t gate, uint64_t seen) {
    return ((gate & GATE_OPEN) && gate / GATE_NEXT_JOB != seen) || atomic_load(&pool.quitting);
}

static void wait_for_news(uint64_t seen) {
    for (int spin = 0; spin < SPINS_BEFORE_SLEEP; spin++) {
        if (has_news(atomic_load_explicit(&pool.gate, memory_order_relaxed), seen)) return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool.mutex);
    atomic_fetch_add(&pool.sleepers, 1);
    // Sequentially consistent against `publish`: either we see the open gate, or it sees a sleeper.
    while (!has_news(atomic_load(&pool.gate), seen)) pthread_cond_wait(&pool.wake, &pool.mutex);
    atomic_fetch_sub(&pool.sleepers, 1);
    pthread_mutex_unlock(&pool.mutex);
}

static void *work(void *argument) {
    const int slot = ((const worker *)argument)->slot;
#if defined(__APPLE__)
    pthread_set_qos_class_self_np(QOS_CLASS_USER_INITIATED, 0);
#endif
    inside_job = 1;
    uint64_t seen = UINT64_MAX;
    for (;;) {
        wait_for_news(seen);
        if (atomic_load(&pool.quitting)) return NULL;
        uint64_t gate = atomic_load_explicit(&pool.gate, memory_order_acquire);
        if (!(gate & GATE_OPEN) || gate / GATE_NEXT_JOB == seen) continue;
        if (!atomic_compare_exchange_strong_explicit(&pool.gate, &gate, gate + 1, memory_order_acq_rel,
                                                     memory_order_relaxed))
            continue;
        seen = gate / GATE_NEXT_JOB;
        run_parts(slot);
        atomic_fetch_sub_explicit(&pool.gate, 1, memory_order_release);
    }
}

static void wake_sleepers(void) {
    if (atomic_load(&pool.sleepers) == 0) return;
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
}

/// Opens the gate for the next job. Only the holder of `busy` calls this, with the gate closed and empty.
static void publish(long parts, vk_slot_job job, void *context) {
    pool.job = job;
    pool.context = context;
    pool.parts = parts;
    atomic_store_explicit(&pool.next_part, 0, memory_order_relaxed);
    const uint64_t gate = atomic_load_explicit(&pool.gate, memory_order_relaxed);
    atomic_store(&pool.gate, (gate / GATE_NEXT_JOB + 1) * GATE_NEXT_JOB | GATE_OPEN);
    wake_sleepers();
}

/// Closes the gate and waits for those inside.
static void finish(void) {
    atomic_fetch_and_explicit(&pool.gate, ~GATE_OPEN, memory_order_acq_rel);
    for (int spin = 0; atomic_load_explicit(&pool.gate, memory_order_acquire) & GATE_ACTIVE; spin++) {
        if (spin < SPINS_BEFORE_YIELD)
            pause_briefly();
        else
            sched_yield();  // a worker may have lost its core to somebody else
    }
}

static int usable_cores(void) {
#if defined(__linux__)
    // Unlike sysconf, this honours taskset and containers.
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0) return CPU_COUNT(&mask);
#endif
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (int)cores : 1;
}

static int clamp_threads(long count) { return (int)vk_max(1, vk_min(count, VK_MAX_THREADS)); }

/// Starts workers for `count` threads; fewer if the system refuses.
static void start_workers(int count) {
    atomic_store(&pool.quitting, 0);
    int started = 1;
    for (; started < count; started++) {
        pool.workers[started].slot = started;
        if (pthread_create(&pool.workers[started].thread, NULL, work, &pool.workers[started]) != 0) break;
    }
    atomic_store(&pool.threads, started);
}

static void stop_workers(void) {
    atomic_store(&pool.quitting, 1);
    wake_sleepers();
    const int threads = atomic_load(&pool.threads);
    for (int slot = 1; slot < threads; slot++) pthread_join(pool.workers[slot].thread, NULL);
    atomic_store(&pool.threads, 1);
}

static void start_pool(void) {
    const char *wish = getenv("VANE_THREADS");
    const long count = wish ? strtol(wish, NULL, 10) : 0;
    start_workers(clamp_threads(count > 0 ? count : usable_cores()));
}

int vk_thread_count(void) {
    pthread_once(&pool_once, start_pool);
    return atomic_load(&pool.threads);
}

void vk_set_thread_count(int count) {
    pthread_once(&pool_once, start_pool);
    // From inside a job this would wait for itself.
    if (inside_job) return;
    while (atomic_flag_test_and_set_explicit(&pool.busy, memory_order_acquire)) sched_yield();
    if (clamp_threads(count) != atomic_load(&pool.threads)) {
        stop_workers();
        start_workers(clamp_threads(count));
    }
    atomic_flag_clear_explicit(&pool.busy, memory_order_release);
}

void vk_pool_run(long parts, vk_slot_job job, void *context) {
    pthread_once(&pool_once, start_pool);
    if (parts <= 1 || inside_job || atomic_load_explicit(&pool.threads, memory_order_relaxed) == 1 ||
        atomic_flag_test_and_set_explicit(&pool.busy, memory_order_acquire)) {
        for (long part = 0; part < parts; part++) job(context, part, 0);
        return;
    }
    inside_job = 1;
    publish(parts, job, context);
    run_parts(0);
    finish();
    inside_job = 0;
    atomic_flag_clear_explicit(&pool.busy, memory_order_release);
}

typedef struct plain_job {
    vk_job job;
    void *context;
} plain_job;

static void run_plain(void *context, long part, int slot) {
    (void)slot;
    const plain_job *plain = context;
    plain->job(plain->context, part);
}

void vk_parallel(long parts, vk_job job, void *context) {
    plain_job plain = {job, context};
    vk_pool_run(parts, run_plain, &plain);
}
