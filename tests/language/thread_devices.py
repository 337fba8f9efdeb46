# Threads that share a file system on a device written in Python, which lets go of the GIL in every call.
# only: simulator
import _thread, time, vfs, os
class Ram:
    size = 512
    def __init__(self, blocks):
        self.data = bytearray(blocks * self.size); self.inside = 0
    def readblocks(self, block, buf, offset=0):
        self.inside += 1
        assert self.inside == 1
        time.sleep_us(50)
        at = block * self.size + offset
        buf[:] = self.data[at : at + len(buf)]
        self.inside -= 1
    def writeblocks(self, block, buf, offset=0):
        time.sleep_us(50)
        at = block * self.size + offset
        self.data[at : at + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 4: return len(self.data) // self.size
        if op == 5: return self.size
        if op == 6: return 0
for kind in (vfs.VfsFat, vfs.VfsLfs2):
    d = Ram(200)
    kind.mkfs(d)
    fs = kind(d)
    done = []
    def work(i):
        try:
            for k in range(10):
                with fs.open("f%d" % i, "w") as f: f.write(str(i) * 500)
                with fs.open("f%d" % i, "r") as f: assert f.read() == str(i) * 500
            done.append(i)
        except Exception as e:
            done.append(e)
    for i in range(5): _thread.start_new_thread(work, (i,))
    while len(done) < 5: time.sleep_ms(10)
    print(sorted(done))
