/* A TCP echo server on 127.0.0.1 with libuv: `echo_libuv PORT`. Prints READY once it listens.
 *
 * One buffer for all connections; `uv_try_write` first, which saves libuv its queue, and `uv_write` of a copy for what it leaves behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { CHUNK = 4096 };

static char chunk[CHUNK];

struct rest {
    uv_write_t request;
    char bytes[];
};

static void must(int status, const char *what) {
    if (status < 0) {
        fprintf(stderr, "echo_libuv: %s: %s\n", what, uv_strerror(status));
        exit(1);
    }
}

static void freed(uv_handle_t *handle) { free(handle); }

static void lend(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer) {
    (void)handle, (void)wanted;
    *buffer = uv_buf_init(chunk, CHUNK);
}

static void told(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

static void sent(uv_write_t *request, int status) {
    uv_stream_t *stream = request->handle;
    free(request);
    if (uv_is_closing((uv_handle_t *)stream)) return;
    if (status < 0)
        uv_close((uv_handle_t *)stream, freed);
    else
        must(uv_read_start(stream, lend, told), "uv_read_start");
}

static void told(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    if (count == 0) return;
    if (count < 0) {
        uv_close((uv_handle_t *)stream, freed);
        return;
    }
    uv_buf_t answer = uv_buf_init(buffer->base, (unsigned)count);
    int done = uv_try_write(stream, &answer, 1);
    if (done == count) return;
    if (done < 0) {
        if (done != UV_EAGAIN) {
            uv_close((uv_handle_t *)stream, freed);
            return;
        }
        done = 0;
    }
    struct rest *rest = malloc(sizeof *rest + (size_t)(count - done));
    memcpy(rest->bytes, buffer->base + done, (size_t)(count - done));
    answer = uv_buf_init(rest->bytes, (unsigned)(count - done));
    uv_read_stop(stream);
    must(uv_write(&rest->request, stream, &answer, 1, sent), "uv_write");
}

static void greet(uv_stream_t *listener, int status) {
    must(status, "connection");
    uv_tcp_t *stream = malloc(sizeof *stream);
    must(uv_tcp_init(listener->loop, stream), "uv_tcp_init");
    must(uv_accept(listener, (uv_stream_t *)stream), "uv_accept");
    uv_tcp_nodelay(stream, 1);
    must(uv_read_start((uv_stream_t *)stream, lend, told), "uv_read_start");
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: echo_libuv PORT\n");
        return 2;
    }
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in address;
    must(uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address), "address");
    must(uv_tcp_init(loop, &listener), "uv_tcp_init");
    must(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), "bind");
    must(uv_listen((uv_stream_t *)&listener, 1024, greet), "listen");
    printf("READY\n");
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
