# only: simulator
# args: --air mynetwork,mynetworkkey
# The quick reference, 1.12: WLAN as a station with a fixed address, which wakes the board up.
import machine
from machine import Timer
from network import WLAN

wlan = WLAN(mode=WLAN.STA)
wlan.ifconfig(config=("192.168.0.107", "255.255.255.0", "192.168.0.1", "8.8.8.8"))
print([net.ssid for net in wlan.scan()])
wlan.connect(ssid="mynetwork", auth=(WLAN.WPA2, "mynetworkkey"))
while not wlan.isconnected():
    pass
print(wlan.ifconfig())
wlan.irq(trigger=WLAN.ANY_EVENT, wake=machine.SLEEP)
# Here nobody connects from outside: the link goes down instead.
Timer(-1, mode=Timer.ONE_SHOT, period=100, callback=lambda t: wlan.disconnect())
machine.sleep()
print(machine.wake_reason() == machine.WLAN_WAKE)
