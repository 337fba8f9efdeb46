def handle(f):
    try:
        f()
    except (ValueError, TypeError) as e:
        return e
    except OSError:
        raise
    else:
        return 1
    finally:
        f(2)

def resources(a, b):
    for x in a:
        with x as y, b:
            if y:
                break
            return y

def groups(f):
    try:
        f()
    except* ValueError as e:
        print(e)
