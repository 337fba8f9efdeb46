# Times of TLS handshakes, client and server in one interpreter over the loopback: run in the folder tests/tls.
import _thread
import socket
import ssl
import time

N = 10
listener = socket.socket()
listener.bind(("127.0.0.1", 4433))
listener.listen(2)


def serve(context):
    for _ in range(N):
        connection, _ = listener.accept()
        stream = context.wrap_socket(connection, server_side=True)
        while stream.recv(4096):
            pass
        stream.close()


for identity in ("good", "rsa"):
    for suite in (None, "TLS-ECDHE-%s-WITH-AES-128-GCM-SHA256"):
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(identity + ".pem", identity + ".key")
        _thread.start_new_thread(serve, (server,))
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.verify_mode = ssl.CERT_REQUIRED
        client.load_verify_locations("authority.pem")
        if suite:
            client.set_ciphers([suite % ("RSA" if identity == "rsa" else "ECDSA")])
        best = 1 << 29
        for _ in range(N):
            sock = socket.socket()
            sock.connect(("127.0.0.1", 4433))
            start = time.ticks_us()
            stream = client.wrap_socket(sock, server_hostname="board.test")
            best = min(best, time.ticks_diff(time.ticks_us(), start))
            version = stream.cipher()[1]
            stream.close()
        print("%s %s: %d us" % (identity, version, best))
