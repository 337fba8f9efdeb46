# only: simulator
# The quick reference, 1.14: the heartbeat LED.
import wipy

wipy.heartbeat(False)
print(wipy.heartbeat())
wipy.heartbeat(True)
print(wipy.heartbeat())
