assert False, "opt=1 leaves assertions out"
answer = 42
