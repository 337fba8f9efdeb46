# The second file of road_import.py.
print("greeting is imported")


def greet(who):
    return "hello " + who
