/* See ts_tls.h. */
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "ts_tls.h"

#include "mbedtls/entropy.h"
#include "mbedtls/platform.h"
#include "mbedtls/platform_time.h"
#include "mbedtls/platform_util.h"
#include "mbedtls/psa_util.h"
#include "mbedtls/ssl.h"
#include "psa/crypto.h"

/* A chain of certificates and the key of the first. */
struct credential
{
    struct credential *next;
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
};

/* Suites, ended by 0. Sessions may still read an old list. */
struct suites
{
    struct suites *next;
    int ids[];
};

struct ts_tls_context
{
    uint32_t holders;
    uint32_t watches;
    mbedtls_ssl_config config;
    mbedtls_x509_crt authorities;
    struct credential *credentials;
    struct suites *suites;
};

/* A certificate that was seen, not yet told. */
struct seen
{
    struct seen *next;
    uint32_t depth, n;
    uint8_t der[];
};

struct ts_tls_session
{
    mbedtls_ssl_context ssl;
    struct ts_tls_context *context;
    void *transport;
    uint32_t check_name;
    /* In the order of the calls. */
    struct seen *first, **end;
};

/* The shortest hash first: one that is too long for a short RSA key makes a signature that nobody accepts. */
static const uint16_t signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512, MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,       MBEDTLS_TLS1_3_SIG_NONE,
};

static mbedtls_time_t now(mbedtls_time_t *out)
{
    mbedtls_time_t seconds = ts_tls_now();
    if (out != NULL) { *out = seconds; }
    return seconds;
}

mbedtls_ms_time_t mbedtls_ms_time(void) { return ts_tls_uptime_ms(); }

/* Civil time of days since 1970, in years that begin in March. */
struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *at, struct tm *out)
{
    int64_t days = *at / 86400, rest = *at % 86400;
    if (rest < 0)
    {
        rest += 86400;
        days--;
    }
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int32_t of_era = (int32_t)(shifted - era * 146097);
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t month = (5 * of_year + 2) / 153;
    memset(out, 0, sizeof *out);
    out->tm_mday = of_year - (153 * month + 2) / 5 + 1;
    out->tm_mon = month < 10 ? month + 2 : month - 10;
    out->tm_year = (int)(year + era * 400 - 1900) + (month >= 10);
    out->tm_hour = (int)(rest / 3600);
    out->tm_min = (int)(rest / 60 % 60);
    out->tm_sec = (int)(rest % 60);
    return out;
}

int mbedtls_hardware_poll(void *data, unsigned char *to, size_t n, size_t *got)
{
    (void)data;
    if (!ts_tls_entropy(to, (uint32_t)n)) { return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED; }
    *got = n;
    return 0;
}

int32_t ts_tls_start(void)
{
    mbedtls_platform_set_calloc_free(ts_tls_calloc, ts_tls_free);
    mbedtls_platform_set_time(now);
    switch (psa_crypto_init())
    {
    case PSA_SUCCESS: return 0;
    case PSA_ERROR_INSUFFICIENT_MEMORY: return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    default: return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
    }
}

struct ts_tls_context *ts_tls_context_new(uint32_t is_server)
{
    struct ts_tls_context *context = ts_tls_calloc(1, sizeof *context);
    if (context == NULL) { return NULL; }
    context->holders = 1;
    mbedtls_ssl_config_init(&context->config);
    mbedtls_x509_crt_init(&context->authorities);
    if (mbedtls_ssl_config_defaults(&context->config, is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
    {
        ts_tls_context_release(context);
        return NULL;
    }
    mbedtls_ssl_conf_sig_algs(&context->config, signatures);
    mbedtls_ssl_conf_rng(&context->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    return context;
}

void ts_tls_context_release(struct ts_tls_context *context)
{
    if (--context->holders != 0) { return; }
    mbedtls_ssl_config_free(&context->config);
    mbedtls_x509_crt_free(&context->authorities);
    while (context->credentials != NULL)
    {
        struct credential *credential = context->credentials;
        context->credentials = credential->next;
        mbedtls_x509_crt_free(&credential->chain);
        mbedtls_pk_free(&credential->key);
        ts_tls_free(credential);
    }
    while (context->suites != NULL)
    {
        struct suites *suites = context->suites;
        context->suites = suites->next;
        ts_tls_free(suites);
    }
    ts_tls_free(context);
}

/* Parsers want PEM to end with a zero byte that they count, and DER without: a copy that suits both. */
static uint8_t *readable(const uint8_t *from, uint32_t n, size_t *out_n)
{
    uint8_t *copy = ts_tls_calloc(1, (size_t)n + 1);
    if (copy == NULL) { return NULL; }
    memcpy(copy, from, n);
    const char begin[] = "-----BEGIN ";
    const uint32_t begin_n = sizeof begin - 1;
    *out_n = n;
    for (uint32_t i = 0; i + begin_n <= n; i++)
    {
        if (memcmp(copy + i, begin, begin_n) == 0)
        {
            *out_n = (size_t)n + 1;
            break;
        }
    }
    return copy;
}

/* Every certificate must be good. */
static int parse_chain(mbedtls_x509_crt *chain, const uint8_t *from, uint32_t n)
{
    size_t copy_n;
    uint8_t *copy = readable(from, n, &copy_n);
    if (copy == NULL) { return MBEDTLS_ERR_X509_ALLOC_FAILED; }
    int result = mbedtls_x509_crt_parse(chain, copy, copy_n);
    ts_tls_free(copy);
    return result > 0 ? MBEDTLS_ERR_X509_BAD_INPUT_DATA : result;
}

static int parse_key(mbedtls_pk_context *key, const uint8_t *from, uint32_t n)
{
    size_t copy_n;
    uint8_t *copy = readable(from, n, &copy_n);
    if (copy == NULL) { return MBEDTLS_ERR_PK_ALLOC_FAILED; }
    int result = mbedtls_pk_parse_key(key, copy, copy_n, NULL, 0, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_platform_zeroize(copy, copy_n);
    ts_tls_free(copy);
    return result == 0 ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

int32_t ts_tls_load_chain(struct ts_tls_context *context, const uint8_t *certificate, uint32_t n, const uint8_t *key,
                          uint32_t key_n)
{
    struct credential *credential = ts_tls_calloc(1, sizeof *credential);
    if (credential == NULL) { return MBEDTLS_ERR_SSL_ALLOC_FAILED; }
    mbedtls_x509_crt_init(&credential->chain);
    mbedtls_pk_init(&credential->key);
    int result = parse_key(&credential->key, key, key_n);
    if (result == 0 && parse_chain(&credential->chain, certificate, n) != 0) { result = MBEDTLS_ERR_X509_BAD_INPUT_DATA; }
    if (result == 0) { result = mbedtls_ssl_conf_own_cert(&context->config, &credential->chain, &credential->key); }
    if (result != 0)
    {
        mbedtls_x509_crt_free(&credential->chain);
        mbedtls_pk_free(&credential->key);
        ts_tls_free(credential);
        return result;
    }
    credential->next = context->credentials;
    context->credentials = credential;
    return 0;
}

int32_t ts_tls_load_authorities(struct ts_tls_context *context, const uint8_t *certificates, uint32_t n)
{
    int result = parse_chain(&context->authorities, certificates, n);
    mbedtls_ssl_conf_ca_chain(&context->config, &context->authorities, NULL);
    return result == 0 ? 0 : MBEDTLS_ERR_X509_BAD_INPUT_DATA;
}

void ts_tls_set_verify(struct ts_tls_context *context, uint32_t mode)
{
    mbedtls_ssl_conf_authmode(&context->config, (int)mode);
}

void ts_tls_set_watch(struct ts_tls_context *context, uint32_t on) { context->watches = on; }

uint32_t ts_tls_cipher(uint32_t index)
{
    const int *ids = mbedtls_ssl_list_ciphersuites();
    for (uint32_t i = 0; ids[i] != 0; i++)
    {
        if (i == index) { return (uint32_t)ids[i]; }
    }
    return 0;
}

const char *ts_tls_cipher_name(uint32_t cipher) { return mbedtls_ssl_get_ciphersuite_name((int)cipher); }

int32_t ts_tls_set_ciphers(struct ts_tls_context *context, const uint32_t *ciphers, uint32_t n)
{
    struct suites *suites = ts_tls_calloc(1, sizeof *suites + (n + 1) * sizeof(int));
    if (suites == NULL) { return MBEDTLS_ERR_SSL_ALLOC_FAILED; }
    int has_12 = 0, has_13 = 0;
    for (uint32_t i = 0; i < n; i++)
    {
        suites->ids[i] = (int)ciphers[i];
        /* RFC 8446, B.4: the suites of TLS 1.3. */
        if (ciphers[i] >> 8 == 0x13) { has_13 = 1; }
        else { has_12 = 1; }
    }
    suites->next = context->suites;
    context->suites = suites;
    mbedtls_ssl_conf_min_tls_version(&context->config, has_12 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_max_tls_version(&context->config, has_13 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_ciphersuites(&context->config, suites->ids);
    return 0;
}

static int send_bytes(void *session, const unsigned char *from, size_t n)
{
    void *transport = ((struct ts_tls_session *)session)->transport;
    return transport == NULL ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : ts_tls_send(transport, from, (uint32_t)n);
}

static int receive_bytes(void *session, unsigned char *to, size_t n)
{
    void *transport = ((struct ts_tls_session *)session)->transport;
    return transport == NULL ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : ts_tls_receive(transport, to, (uint32_t)n);
}

/* Called for every certificate of a chain, the authority's first. */
static int verified(void *argument, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    struct ts_tls_session *session = argument;
    if (!session->check_name) { *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH; }
    if (session->context->watches)
    {
        struct seen *seen = ts_tls_calloc(1, sizeof *seen + certificate->raw.len);
        if (seen == NULL) { return MBEDTLS_ERR_X509_ALLOC_FAILED; }
        seen->depth = (uint32_t)depth;
        seen->n = (uint32_t)certificate->raw.len;
        memcpy(seen->der, certificate->raw.p, certificate->raw.len);
        *session->end = seen;
        session->end = &seen->next;
    }
    return 0;
}

int32_t ts_tls_session_new(struct ts_tls_context *context, const char *name, uint32_t check_name,
                           struct ts_tls_session **out)
{
    struct ts_tls_session *session = ts_tls_calloc(1, sizeof *session);
    if (session == NULL) { return MBEDTLS_ERR_SSL_ALLOC_FAILED; }
    session->context = context;
    context->holders++;
    session->check_name = check_name;
    session->end = &session->first;
    mbedtls_ssl_init(&session->ssl);
    int result = mbedtls_ssl_setup(&session->ssl, &context->config);
    if (result == 0) { result = mbedtls_ssl_set_hostname(&session->ssl, name); }
    if (result != 0)
    {
        ts_tls_session_free(session);
        return result;
    }
    mbedtls_ssl_set_bio(&session->ssl, session, send_bytes, receive_bytes, NULL);
    mbedtls_ssl_set_verify(&session->ssl, verified, session);
    *out = session;
    return 0;
}

void ts_tls_session_free(struct ts_tls_session *session)
{
    mbedtls_ssl_free(&session->ssl);
    while (session->first != NULL) { ts_tls_seen_drop(session); }
    ts_tls_context_release(session->context);
    ts_tls_free(session);
}

int32_t ts_tls_handshake(struct ts_tls_session *session, void *transport)
{
    int result = 0;
    session->transport = transport;
    while (result == 0 && session->first == NULL && !mbedtls_ssl_is_handshake_over(&session->ssl))
    {
        result = mbedtls_ssl_handshake_step(&session->ssl);
    }
    session->transport = NULL;
    return result == 0 && session->first != NULL ? TS_TLS_SEEN : result;
}

/* Sends what is left of a record. Writing nothing does that, and only that where something is left. */
static int flush(struct ts_tls_session *session)
{
    if (session->ssl.MBEDTLS_PRIVATE(out_left) == 0) { return 0; }
    return mbedtls_ssl_write(&session->ssl, (const uint8_t *)"", 0);
}

int32_t ts_tls_flush(struct ts_tls_session *session, void *transport)
{
    session->transport = transport;
    int result = flush(session);
    session->transport = NULL;
    return result;
}

int32_t ts_tls_read(struct ts_tls_session *session, void *transport, uint8_t *to, uint32_t n)
{
    session->transport = transport;
    int result = flush(session);
    /* The peer may wait for us to read before it does. */
    if (result == 0 || result == MBEDTLS_ERR_SSL_WANT_WRITE) { result = mbedtls_ssl_read(&session->ssl, to, n); }
    session->transport = NULL;
    return result;
}

int32_t ts_tls_write(struct ts_tls_session *session, void *transport, const uint8_t *from, uint32_t n)
{
    session->transport = transport;
    int result = flush(session);
    if (result == 0)
    {
        result = mbedtls_ssl_write(&session->ssl, from, n);
        if (result == MBEDTLS_ERR_SSL_WANT_WRITE && session->ssl.MBEDTLS_PRIVATE(out_left) != 0)
        {
            /* The record is made, and is sent by whoever comes next. */
            int most = mbedtls_ssl_get_max_out_record_payload(&session->ssl);
            result = most > 0 && (uint32_t)most < n ? most : (int)n;
        }
    }
    session->transport = NULL;
    return result;
}

int32_t ts_tls_close_notify(struct ts_tls_session *session, void *transport)
{
    if (!mbedtls_ssl_is_handshake_over(&session->ssl)) { return 0; }
    session->transport = transport;
    int result = mbedtls_ssl_close_notify(&session->ssl);
    session->transport = NULL;
    return result;
}

uint32_t ts_tls_pending(const struct ts_tls_session *session)
{
    return (uint32_t)mbedtls_ssl_get_bytes_avail(&session->ssl);
}


uint32_t ts_tls_seen(const struct ts_tls_session *session, const uint8_t **der, uint32_t *n, uint32_t *depth)
{
    const struct seen *seen = session->first;
    if (seen == NULL) { return 0; }
    *der = seen->der;
    *n = seen->n;
    *depth = seen->depth;
    return 1;
}

void ts_tls_seen_drop(struct ts_tls_session *session)
{
    struct seen *seen = session->first;
    if (seen == NULL) { return; }
    session->first = seen->next;
    if (session->first == NULL) { session->end = &session->first; }
    ts_tls_free(seen);
}

uint32_t ts_tls_peer(const struct ts_tls_session *session, const uint8_t **der, uint32_t *n)
{
    const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(&session->ssl);
    if (peer == NULL) { return 0; }
    *der = peer->raw.p;
    *n = (uint32_t)peer->raw.len;
    return 1;
}

const char *ts_tls_suite(const struct ts_tls_session *session) { return mbedtls_ssl_get_ciphersuite(&session->ssl); }

const char *ts_tls_version(const struct ts_tls_session *session) { return mbedtls_ssl_get_version(&session->ssl); }

uint32_t ts_tls_verdict(const struct ts_tls_session *session) { return mbedtls_ssl_get_verify_result(&session->ssl); }

const char *ts_tls_verdict_text(uint32_t bit)
{
#define X509_CRT_ERROR_INFO(number, name, text) \
    case number: return text;
    switch (bit)
    {
        MBEDTLS_X509_CRT_ERROR_INFO_LIST
    default: return NULL;
    }
}
