# only: simulator
# exit: 1
# A fault in the text is reported with file and line, before anything runs.
print("never")
x = = 1
