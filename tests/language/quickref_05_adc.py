# only: simulator
# The quick reference, 1.5: analog to digital conversion.
import simboard
from machine import ADC

simboard.adc(1, 1234)
adc = ADC()
apin = adc.channel(pin="GP3")
print(apin())
print(adc.channel(1).value(), adc.channel(id=1, pin="GP3").value())
