# The sensor: temperature in hundredths of a degree, humidity in 1024ths of a per cent.
# Source: Bosch BME280 data sheet, sections 4.2.3 and 5.
import struct


class BME280:
    def __init__(self, i2c, address=0x76):
        self.i2c = i2c
        self.address = address
        if i2c.readfrom_mem(address, 0xD0, 1) != b"\x60":
            raise OSError("no BME280")
        self.t = struct.unpack("<Hhh", i2c.readfrom_mem(address, 0x88, 6))
        h1 = i2c.readfrom_mem(address, 0xA1, 1)[0]
        e = i2c.readfrom_mem(address, 0xE1, 7)
        h2, h3 = struct.unpack("<hB", e[:3])
        h4, h6 = struct.unpack("<bxb", e[3:4] + e[4:5] + e[6:7])
        h5 = struct.unpack("<h", e[4:6])[0] >> 4
        self.h = h1, h2, h3, h4 << 4 | e[4] & 15, h5, h6
        i2c.writeto_mem(address, 0xF2, b"\x01")
        i2c.writeto_mem(address, 0xF4, b"\x27")

    def read(self):
        raw = self.i2c.readfrom_mem(self.address, 0xF7, 8)
        t1, t2, t3 = self.t
        adc = raw[3] << 12 | raw[4] << 4 | raw[5] >> 4
        fine = ((adc >> 3) - (t1 << 1)) * t2 >> 11
        fine += ((adc >> 4) - t1) ** 2 * t3 >> 26
        h1, h2, h3, h4, h5, h6 = self.h
        v = fine - 76800
        adc = raw[6] << 8 | raw[7]
        a = (adc << 14) - (h4 << 20) - h5 * v + 16384 >> 15
        b = ((v * h6 >> 10) * ((v * h3 >> 11) + 32768) >> 10) + 2097152
        v = a * (b * h2 + 8192 >> 14)
        v -= ((v >> 15) ** 2 >> 7) * h1 >> 4
        return fine * 5 + 128 >> 8, min(max(v, 0), 419430400) >> 12
