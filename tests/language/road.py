# The road from source text to output: what every place must run from the first day.


class Counter:
    def __init__(self, start):
        self.count = start

    def up(self, by=1):
        self.count += by
        return self.count


def adder(n):
    def add(x):
        return x + n

    return add


print(sum(i * i for i in range(10)))
counter = Counter(40)
counter.up()
print(counter.up(), adder(3)(4))
try:
    [][0]
except IndexError as error:
    print("IndexError:", error)
