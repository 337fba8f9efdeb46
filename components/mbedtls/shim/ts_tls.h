/*
 * TLS for Rust: the structures of Mbed TLS stay in ts_tls.c, only fixed-width types and opaque pointers go across.
 *
 * One call at a time in the whole image; the caller sees to that. Results below zero are errors of Mbed TLS.
 */
#ifndef TS_TLS_H
#define TS_TLS_H

#include <stddef.h>
#include <stdint.h>

/* In Rust. */
extern void *ts_tls_calloc(size_t count, size_t bytes);
extern void ts_tls_free(void *block);
/* Seconds since 1970; 0 for a clock that is not set. */
extern int64_t ts_tls_now(void);
/* Milliseconds of a clock that never goes back. */
extern int64_t ts_tls_uptime_ms(void);
/* Fills the buffer; 0 where there is no source. */
extern int32_t ts_tls_entropy(uint8_t *to, uint32_t n);
/* Move bytes: how many, or an error of Mbed TLS; reading, 0 is the end. */
extern int32_t ts_tls_send(void *transport, const uint8_t *from, uint32_t n);
extern int32_t ts_tls_receive(void *transport, uint8_t *to, uint32_t n);

struct ts_tls_context;
struct ts_tls_session;

/* Once, before all others. */
int32_t ts_tls_start(void);

/* Null: no memory. The one who made it and each session hold it; release lets go. */
struct ts_tls_context *ts_tls_context_new(uint32_t is_server);
void ts_tls_context_release(struct ts_tls_context *context);
/* DER, or PEM with whatever text around it. Both add to what is there. */
int32_t ts_tls_load_chain(struct ts_tls_context *context, const uint8_t *certificate, uint32_t n, const uint8_t *key,
                          uint32_t key_n);
int32_t ts_tls_load_authorities(struct ts_tls_context *context, const uint8_t *certificates, uint32_t n);
/* 0 none, 1 optional, 2 required. */
void ts_tls_set_verify(struct ts_tls_context *context, uint32_t mode);
/* Whether handshakes stop at certificates, for ts_tls_seen. */
void ts_tls_set_watch(struct ts_tls_context *context, uint32_t on);
/* The numbers of suites that there are; 0 beyond the last. */
uint32_t ts_tls_cipher(uint32_t index);
const char *ts_tls_cipher_name(uint32_t cipher);
/* Limits the context to these, and to the versions of TLS that have them. */
int32_t ts_tls_set_ciphers(struct ts_tls_context *context, const uint32_t *ciphers, uint32_t n);

/* A name of null: none. With check_name 0 the name is told to the server, not compared. */
int32_t ts_tls_session_new(struct ts_tls_context *context, const char *name, uint32_t check_name,
                           struct ts_tls_session **out);
void ts_tls_session_free(struct ts_tls_session *session);
/* Each uses the transport until it returns. */
#define TS_TLS_SEEN 1
/* 0: it is over. TS_TLS_SEEN: certificates have been seen; call again. */
int32_t ts_tls_handshake(struct ts_tls_session *session, void *transport);
int32_t ts_tls_read(struct ts_tls_session *session, void *transport, uint8_t *to, uint32_t n);
/* Takes bytes over; some may be left to be sent, by ts_tls_flush or any later call. */
int32_t ts_tls_write(struct ts_tls_session *session, void *transport, const uint8_t *from, uint32_t n);
int32_t ts_tls_flush(struct ts_tls_session *session, void *transport);
/* Says nothing before the handshake is over. */
int32_t ts_tls_close_notify(struct ts_tls_session *session, void *transport);
/* Bytes that can be read without the transport. */
uint32_t ts_tls_pending(const struct ts_tls_session *session);
/* The first certificate that a handshake stopped at; 0: none is left. Valid until it is dropped. */
uint32_t ts_tls_seen(const struct ts_tls_session *session, const uint8_t **der, uint32_t *n, uint32_t *depth);
void ts_tls_seen_drop(struct ts_tls_session *session);
/* The peer's certificate; 0: there is none. Valid as long as the session is not used. */
uint32_t ts_tls_peer(const struct ts_tls_session *session, const uint8_t **der, uint32_t *n);
const char *ts_tls_suite(const struct ts_tls_session *session);
const char *ts_tls_version(const struct ts_tls_session *session);
/* Bits of what was found wrong with the peer's certificate. */
uint32_t ts_tls_verdict(const struct ts_tls_session *session);
/* The text for one bit; null where there is none. */
const char *ts_tls_verdict_text(uint32_t bit);

#endif
