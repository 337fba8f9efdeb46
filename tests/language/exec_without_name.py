# Code may run in a namespace without __name__: classes in it belong to `builtins`.
space = {}
exec("class A:\n    pass\nprint(A.__module__)", space)
print(space["A"].__name__, __name__)
