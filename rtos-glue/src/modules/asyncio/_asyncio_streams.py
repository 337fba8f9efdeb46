# asyncio: streams and servers.
import asyncio
from _asyncio import ready

_IN = 1
_OUT = 4


class Stream:
    def __init__(self, s, extra={}):
        self.s = s
        self.e = extra
        self.out = b""

    def get_extra_info(self, name):
        return self.e[name]

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.wait_closed()

    async def read(self, n=-1):
        if n >= 0:
            return await self._some(self.s.read, n)
        parts = []
        while part := await self._some(self.s.read, 512):
            parts.append(part)
        return b"".join(parts)

    async def readinto(self, buf):
        return await self._some(self.s.readinto, buf)

    async def _some(self, method, arg):
        while True:
            await ready(self.s, _IN)
            r = method(arg)
            if r is not None:
                return r

    async def readexactly(self, n):
        parts = []
        while n:
            part = await self._some(self.s.read, n)
            if not part:
                raise EOFError
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    async def readline(self):
        line = b""
        while True:
            await ready(self.s, _IN)
            part = self.s.readline()
            if part is None:
                continue
            line += part
            if not part or line.endswith(b"\n"):
                return line

    def write(self, buf):
        if not self.out:
            # What goes out at once needs no room.
            n = self.s.write(buf)
            if n == len(buf):
                return
            if n:
                buf = memoryview(buf)[n:]
        self.out += buf

    async def drain(self):
        if not self.out:
            return await asyncio.sleep_ms(0)
        out, self.out = memoryview(self.out), b""
        while out:
            await ready(self.s, _OUT)
            n = self.s.write(out)
            if n:
                out = out[n:]


StreamReader = StreamWriter = Stream


def _tls(ssl, s, **options):
    if ssl is True:
        import ssl as module

        ssl = module.SSLContext(module.PROTOCOL_TLS_SERVER if "server_side" in options else module.PROTOCOL_TLS_CLIENT)
        if "server_side" not in options:
            ssl.verify_mode = module.CERT_NONE
    return ssl.wrap_socket(s, do_handshake_on_connect=False, **options)


async def open_connection(host, port, ssl=None, server_hostname=None):
    import socket

    info = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    s = socket.socket(info[0], info[1], info[2])
    s.setblocking(False)
    try:
        s.connect(info[-1])
    except OSError as e:
        if e.errno != 115:  # EINPROGRESS
            s.close()
            raise
    try:
        await ready(s, _OUT)
        if ssl:
            s = _tls(ssl, s, server_hostname=server_hostname or (host if isinstance(host, str) else None))
            s.setblocking(False)
    except BaseException:
        s.close()
        raise
    stream = Stream(s, {"peername": info[-1]})
    return stream, stream


class Server:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        self.close()
        await self.wait_closed()

    def close(self):
        self._closing = True
        self._task.cancel()

    async def wait_closed(self):
        try:
            await self._task
        except asyncio.CancelledError:
            if not self._closing:
                raise

    async def _serve(self, s, callback, ssl):
        self._closing = False
        try:
            while True:
                await ready(s, _IN)
                try:
                    client, peer = s.accept()
                except OSError:
                    continue  # The client has gone again.
                client.setblocking(False)
                if ssl:
                    try:
                        client = _tls(ssl, client, server_side=True)
                    except OSError as e:
                        asyncio.get_event_loop().call_exception_handler(
                            {"message": "TLS failed", "exception": e, "future": asyncio.current_task()}
                        )
                        client.close()
                        continue
                    client.setblocking(False)
                stream = Stream(client, {"peername": peer})
                asyncio.create_task(callback(stream, stream))
        finally:
            s.close()


async def start_server(callback, host, port, backlog=5, ssl=None):
    import socket

    address = socket.getaddrinfo(host, port)[0][-1]
    s = socket.socket()
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    s.listen(backlog)
    server = Server()
    server._task = asyncio.create_task(server._serve(s, callback, ssl))
    try:
        # Let it begin, so that close() reaches what cleans up.
        await asyncio.sleep_ms(0)
    except asyncio.CancelledError:
        server._task.cancel()
        raise
    return server
