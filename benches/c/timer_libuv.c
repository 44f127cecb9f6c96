/* libuv's timers: `timer_libuv ops T` as `timer_bench ops T` of the examples does it, and `timer_libuv tick`.
 *
 * The clock of `ops` is the program's own: it replaces clock_gettime(2), so that ten seconds of timers fire without ten seconds of waiting.
 * They fire in one turn, since each turn of libuv is a system call. libuv counts whole milliseconds.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

static int virtual_clock;
static uint64_t virtual_millis = 1000;

static uint64_t real_nanos(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!virtual_clock) return (int)syscall(SYS_clock_gettime, clock, now);
    now->tv_sec = (time_t)(virtual_millis / 1000);
    now->tv_nsec = (long)(virtual_millis % 1000) * 1000000;
    return 0;
}

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint64_t next_random(void) {
    uint64_t mixed = state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static uint64_t below(uint64_t bound) { return (uint64_t)(((unsigned __int128)next_random() * bound) >> 64); }

static size_t fired;
static void fire(uv_timer_t *timer) {
    (void)timer;
    fired++;
}

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

enum { MOST_ROUNDS = 1 << 16 };
static double figures[3][MOST_ROUNDS];

static int ops(size_t count) {
    uv_loop_t loop;
    virtual_clock = 1;
    uv_loop_init(&loop);
    uv_timer_t *timers = calloc(count, sizeof *timers);
    size_t *order = calloc(count, sizeof *order);
    uint64_t *delays = calloc(count, sizeof *delays);
    for (size_t index = 0; index < count; index++) uv_timer_init(&loop, &timers[index]);
    uint64_t begin = real_nanos();
    size_t rounds = 0;
    while (rounds < MOST_ROUNDS && (rounds < 5 || real_nanos() - begin < 1000000000u)) {
        for (size_t index = 0; index < count; index++) {
            delays[index] = below(10000);
            order[index] = index;
        }
        for (size_t last = count - 1; last > 0; last--) {
            size_t other = below(last + 1), kept = order[last];
            order[last] = order[other];
            order[other] = kept;
        }
        uint64_t at = real_nanos();
        for (size_t index = 0; index < count; index++) uv_timer_start(&timers[index], fire, delays[index], 0);
        uint64_t inserted = real_nanos();
        for (size_t index = 0; index < count; index++) uv_timer_stop(&timers[order[index]]);
        uint64_t cancelled = real_nanos();
        for (size_t index = 0; index < count; index++) uv_timer_start(&timers[index], fire, delays[index], 0);
        fired = 0;
        uint64_t filled = real_nanos();
        virtual_millis += 10000;
        while (fired < count) uv_run(&loop, UV_RUN_NOWAIT);
        uint64_t done = real_nanos();
        figures[0][rounds] = (double)(inserted - at) / (double)count;
        figures[1][rounds] = (double)(cancelled - inserted) / (double)count;
        figures[2][rounds] = (double)(done - filled) / (double)count;
        rounds++;
    }
    printf("insert_ns=%.1f cancel_ns=%.1f fire_ns=%.1f\n", median(figures[0], rounds), median(figures[1], rounds), median(figures[2], rounds));
    return 0;
}

static double lateness[4096];
static size_t ticks;
static uint64_t due, until;

static void tick(uv_timer_t *timer) {
    uint64_t now = real_nanos();
    /* libuv's own period drifts; a tick belongs to the last millisecond that is over. It counts whole ones, so its first can come early: that is not late. */
    while (due + 1000000 <= now) due += 1000000;
    if (ticks < 4096) lateness[ticks++] = now > due ? (double)(now - due) / 1000.0 : 0.0;
    due += 1000000;
    if (now >= until) uv_timer_stop(timer);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "ops") == 0 && atoi(argv[2]) > 0) return ops((size_t)atoi(argv[2]));
    if (argc != 2 || strcmp(argv[1], "tick") != 0) {
        fprintf(stderr, "usage: timer_libuv ops T | timer_libuv tick\n");
        return 2;
    }
    uv_loop_t loop;
    uv_timer_t timer;
    uv_loop_init(&loop);
    uv_timer_init(&loop, &timer);
    due = real_nanos() + 1000000;
    until = due + 2000000000u;
    uv_timer_start(&timer, tick, 1, 1);
    uv_run(&loop, UV_RUN_DEFAULT);
    qsort(lateness, ticks, sizeof *lateness, by_size);
    printf("ticks=%zu p50=%.1f p99=%.1f max=%.1f\n", ticks, lateness[(ticks * 50 + 99) / 100 - 1], lateness[(ticks * 99 + 99) / 100 - 1], lateness[ticks - 1]);
    return 0;
}
