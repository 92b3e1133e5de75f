/*
 * relay PORT UPSTREAM_PORT: passes bytes between 127.0.0.1:PORT and 127.0.0.1:UPSTREAM_PORT, and looks at none.
 * One thread, one epoll, one read buffer. What a socket does not take is kept, and the other side is not read
 * meanwhile.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 256, BACKLOG = 4096 };

struct end {
    int fd;
    struct end *other;
    char *kept;              /* not yet written to this end */
    size_t from, length;     /* of it */
    int is_held;             /* not read: the other end has something kept */
    int is_gone;
};

/* Both ends are one allocation. It is freed after the batch of events in which either may still be named. */
struct pair {
    struct end ends[2];
    struct pair *next;
};

static int epoll;
static char buffer[BUFFER];
static struct pair *gone;

static void watch(struct end *end, int operation)
{
    struct epoll_event event = {
        .events = (end->is_held ? 0 : EPOLLIN) | (end->kept ? EPOLLOUT : 0),
        .data.ptr = end,
    };
    epoll_ctl(epoll, operation, end->fd, &event);
}

static struct pair *pair_of(struct end *end)
{
    return (struct pair *)(end < end->other ? end : end->other);
}

static void close_both(struct end *end)
{
    struct pair *pair = pair_of(end);
    for (int i = 0; i < 2; i++) {
        close(pair->ends[i].fd);
        free(pair->ends[i].kept);
        pair->ends[i].is_gone = 1;
    }
    pair->next = gone;
    gone = pair;
}

/* @returns 0, or -1 when the connection is over */
static int give(struct end *to, size_t length)
{
    ssize_t written = write(to->fd, buffer, length);
    if (written < 0 && errno != EAGAIN && errno != ENOTCONN)
        return -1;
    if (written < 0)
        written = 0;
    if ((size_t)written == length)
        return 0;
    to->length = length - written;
    to->from = 0;
    if ((to->kept = malloc(to->length)) == NULL)
        return -1;
    memcpy(to->kept, buffer + written, to->length);
    to->other->is_held = 1;
    watch(to, EPOLL_CTL_MOD);
    watch(to->other, EPOLL_CTL_MOD);
    return 0;
}

static int give_kept(struct end *to)
{
    ssize_t written = write(to->fd, to->kept + to->from, to->length - to->from);
    if (written < 0)
        return errno == EAGAIN ? 0 : -1;
    to->from += written;
    if (to->from < to->length)
        return 0;
    free(to->kept);
    to->kept = NULL;
    to->other->is_held = 0;
    watch(to, EPOLL_CTL_MOD);
    watch(to->other, EPOLL_CTL_MOD);
    return 0;
}

static int take(struct end *from)
{
    ssize_t length = read(from->fd, buffer, BUFFER);
    if (length < 0)
        return errno == EAGAIN ? 0 : -1;
    return length == 0 ? -1 : give(from->other, length);
}

static void accept_all(int listener, const struct sockaddr_in *upstream)
{
    int on = 1, client;
    while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct pair *pair = calloc(1, sizeof *pair);
        int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        int refused = server < 0 || (connect(server, (const void *)upstream, sizeof *upstream) < 0 && errno != EINPROGRESS);
        if (pair == NULL || refused) {
            close(client);
            if (server >= 0)
                close(server);
            free(pair);
            continue;
        }
        pair->ends[0].fd = client;
        pair->ends[1].fd = server;
        for (int i = 0; i < 2; i++) {
            pair->ends[i].other = &pair->ends[1 - i];
            setsockopt(pair->ends[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            watch(&pair->ends[i], EPOLL_CTL_ADD);
        }
    }
}

static void allow_many(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: relay PORT UPSTREAM_PORT\n");
        return 2;
    }
    allow_many();
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct sockaddr_in upstream = own;
    upstream.sin_port = htons(atoi(argv[2]));
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&own, sizeof own) < 0 || listen(listener, BACKLOG) < 0) {
        perror("relay: listen");
        return 1;
    }
    epoll = epoll_create1(0);
    struct epoll_event first = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &first);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;
            if (end == NULL) {
                accept_all(listener, &upstream);
                continue;
            }
            if (end->is_gone)
                continue;
            int result = 0;
            if ((events[i].events & EPOLLOUT) && end->kept)
                result = give_kept(end);
            if (result == 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !end->is_held)
                result = take(end);
            if (result < 0)
                close_both(end);
        }
        while (gone != NULL) {
            struct pair *next = gone->next;
            free(gone);
            gone = next;
        }
    }
}
