# binascii, hashlib and cryptolib beyond what upstream's tests try.
import binascii
import cryptolib
import hashlib
import ubinascii
import uhashlib

print(ubinascii is binascii, uhashlib is hashlib)


def show(f, *args):
    try:
        print(f(*args))
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)


show(binascii.hexlify, "é", "::")
show(binascii.hexlify, b"ab", b"")
show(binascii.hexlify, b"ab", 5)
show(binascii.hexlify, memoryview(b"abcd")[1:3])
show(binascii.hexlify, 5)
for text in ("6", "6g", "61 62", " 61\n", "6 1", "61:62", "61 6"):
    show(binascii.unhexlify, text)
for text in ("YQ", "YQ==YQ==", "Y", "Y!Q=\n=", "====", "YWI=", "YWJjZA=", "=YWJj"):
    show(binascii.a2b_base64, text)
print(binascii.b2a_base64(b"", newline=False), binascii.b2a_base64(bytes(range(250, 256))))
data = bytes(range(256)) * 5
for n in range(0, 1280, 61):
    if binascii.a2b_base64(binascii.b2a_base64(data[:n])) != data[:n] or binascii.unhexlify(binascii.hexlify(data[:n], " ")) != data[:n]:
        print("wrong", n)
print(binascii.crc32(data), binascii.crc32(data[700:], binascii.crc32(data[:700])), binascii.crc32(b"", -1))

for algorithm in (hashlib.md5, hashlib.sha1, hashlib.sha256):
    one = algorithm(data).digest()
    parts = algorithm(b"", 1280)
    for i in range(0, 1280, 97):
        parts.update(memoryview(data)[i : i + 97])
    print(one == parts.digest(), binascii.hexlify(one))
    for call in (lambda: parts.update(b""), parts.digest):
        show(call)
    show(algorithm, 5)
    print(hasattr(parts, "hexdigest"))


def cipher(*args):
    return cryptolib.aes(*args)


key, vector = bytes(range(16)), bytes(range(16, 32))
# FIPS 197, appendix C.
plain = binascii.unhexlify("00112233445566778899aabbccddeeff")
print(binascii.hexlify(cipher(key, cryptolib.MODE_ECB).encrypt(plain)))
print(binascii.hexlify(cipher(bytes(range(32)), 1).encrypt(plain)))
for n_key in (16, 32):
    for mode in (cryptolib.MODE_ECB, cryptolib.MODE_CBC, cryptolib.MODE_CTR):
        a = cipher(data[:n_key], mode, vector)
        b = cipher(data[:n_key], mode, vector)
        whole = a.encrypt(data)
        part = b"".join(b.encrypt(data[i : i + 160]) for i in range(0, 1280, 160))
        again = bytearray(whole)
        c = cipher(data[:n_key], mode, vector)
        print(c.decrypt(again, again) is again, again == data, whole == part, binascii.hexlify(whole[-8:]))
a, b = cipher(key, 6, b"\xff" * 16), cipher(key, 6, b"\xff" * 16)
print(b"".join(a.encrypt(data[i : i + 7]) for i in range(0, 70, 7)) == b.encrypt(data[:70]))
for args in ((key[:15], 1), (bytes(24), 1), (key, 3), (key, 2), (key, 6, b"1"), (5, 1)):
    show(cipher, *args)
a = cipher(key, 1)
show(a.encrypt, b"1" * 15)
show(a.encrypt, b"1" * 16, bytearray(15))
show(a.encrypt, b"1" * 16, bytes(16))
print(len(a.encrypt(b"")))
show(a.decrypt, b"1" * 16)
