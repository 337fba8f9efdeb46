# only: simulator
# exit: 1
# An exception nobody catches: file, line and function of each frame, the innermost last.
def inner():
    raise ValueError("on purpose")


def outer():
    inner()


outer()
