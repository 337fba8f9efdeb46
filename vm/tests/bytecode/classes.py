class Point(Base, metaclass=Meta):
    "A point."
    x: int = 0
    def __init__(self, x, y):
        super().__init__(x)
        self.x = x
        self.y, self.z = y, 0
    def method(self):
        return __class__, super().method
    squares = [x * x for x in range(3)]
