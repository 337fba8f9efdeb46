# only: simulator
# A second file is found beside the first, and is run once.
import sys

sys.path.append("road_modules")
import greeting
import greeting as again

print(greeting.greet("board"), again is greeting, greeting.__name__)
