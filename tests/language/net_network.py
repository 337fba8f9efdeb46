# The module network, and the Ethernet interface that every board has.
import network
import socket
import time

print(network.country(), network.STA_IF, network.AP_IF)
network.country("EU")
print(network.country())
for bad in ("EUR", "x"):
    try:
        network.country(bad)
    except ValueError as e:
        print("ValueError", e)
network.hostname("snake")
print(network.hostname())
try:
    network.hostname("x" * 33)
except ValueError:
    print("ValueError")
network.country("XX")

lan = network.LAN()
print(lan.active())
while lan.status() != 3:
    time.sleep_ms(1)
print(lan.isconnected(), lan.ifconfig()[:3], len(lan.config("mac")))
print(lan.ipconfig("addr4"), lan.ipconfig("gw4"), network.ipconfig("dns"))
print(network.ipconfig("prefer"))
for wrong in (
    lambda: lan.ipconfig("addr5"),
    lambda: lan.ipconfig(x=1),
    lambda: lan.config("nothing"),
    lambda: network.ipconfig("x"),
    lambda: lan.ifconfig("static"),
    lambda: lan.ifconfig(("1.2.3.4", "255.0.0.0")),
    lambda: lan.ifconfig(("a", "b", "c", "d")),
    lambda: lan.ipconfig(addr4="1.2.3.4/33"),
    lambda: lan.config(mac=b"short"),
    lambda: network.LAN(3),
):
    try:
        print("no error", wrong())
    except (ValueError, OSError) as e:
        print(type(e).__name__, e)

before = lan.ifconfig()
lan.ifconfig(("10.0.2.77", "255.255.255.0", "10.0.2.2", "10.0.2.3"))
print(lan.ifconfig(), lan.ipconfig("dhcp4"), lan.ipconfig("has_dhcp4"))
lan.ipconfig(addr4="10.0.2.78/25", gw4="10.0.2.2")
print(lan.ipconfig("addr4"))
lan.ipconfig(addr4=("10.0.2.79", "255.255.255.0"))
print(lan.ipconfig("addr4"))
lan.ifconfig("dhcp")
print(lan.ifconfig()[0], lan.ipconfig("has_dhcp4"))

lan.active(False)
print(lan.active(), lan.isconnected(), lan.status())
s = socket.socket()
try:
    s.connect(("10.0.2.2", 1))
except OSError as e:
    print(e)
s.close()
lan.active(True)
while lan.status() != 3:
    time.sleep_ms(1)
print(lan.isconnected(), lan.ifconfig() == before)
