# floats: double
# math and cmath: values, whole numbers of any size, errors.
import cmath
import math

inf = math.inf
nan = math.nan


def near(x, y):
    return x == y or abs(x - y) <= 1e-12 * abs(y)


print(math.pi, math.e, math.tau, inf, nan)
checks = (
    (math.sqrt(2), 1.4142135623730951),
    (math.pow(2, 0.5), 1.4142135623730951),
    (math.exp(1), math.e),
    (math.expm1(1e-10), 1.00000000005e-10),
    (math.log(10), 2.302585092994046),
    (math.log(8, 2), 3),
    (math.log2(2**70), 70),
    (math.log10(10**500), 500),
    (math.log(3**1000, 3), 1000),
    (math.sin(1), 0.8414709848078965),
    (math.cos(1), 0.5403023058681398),
    (math.tan(1), 1.5574077246549023),
    (math.asin(1), math.pi / 2),
    (math.acos(-1), math.pi),
    (math.atan(1), math.pi / 4),
    (math.atan2(-1, -1), -3 * math.pi / 4),
    (math.sinh(1), 1.1752011936438014),
    (math.cosh(1), 1.5430806348152437),
    (math.tanh(1), 0.7615941559557649),
    (math.asinh(1), 0.881373587019543),
    (math.acosh(2), 1.3169578969248166),
    (math.atanh(0.5), 0.5493061443340549),
    (math.degrees(math.pi), 180),
    (math.radians(90), math.pi / 2),
    (math.erf(1), 0.8427007929497149),
    (math.erfc(1), 0.1572992070502851),
    (math.gamma(5), 24),
    (math.lgamma(10), 12.801827480081469),
    (math.fmod(-7, 3), -1),
    (cmath.phase(-1j), -math.pi / 2),
    (cmath.exp(1j * math.pi), -1 + 0j),
    (cmath.log(-1), math.pi * 1j),
    (cmath.log10(100), 2),
    (cmath.sqrt(-4), 2j),
    (cmath.cos(1j), 1.5430806348152437),
    (cmath.sin(1j), 1.1752011936438014j),
    (cmath.rect(2, math.pi / 2), 2j),
)
print([i for i, (is_, should) in enumerate(checks) if abs(is_ - should) > 1e-12 * abs(should)])
print(cmath.polar(-2 + 0j), cmath.sqrt(-1))
print(math.floor(-1.5), math.ceil(-1.5), math.trunc(-1.5), math.floor(1e20), math.ceil(2**70), math.trunc(True))
print(math.frexp(8), math.frexp(-0.75), math.frexp(0), math.ldexp(0.75, -3), math.ldexp(1, 2000), math.modf(-1.25))
print(math.copysign(2, -0.0), math.fabs(-3), math.isnan(nan), math.isinf(-inf), math.isfinite(1), math.isfinite(inf))
print(math.isclose(1, 1 + 1e-10), math.isclose(1, 1.1), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-5, abs_tol=1e-4))
print([math.factorial(n) for n in range(12)], math.factorial(60))
print(math.factorial(300) // math.factorial(299), math.factorial(100) % 1009)

for expression in (
    "math.sqrt(-1)",
    "math.log(0)",
    "math.log(2, 1)",
    "math.log(-(10 ** 400))",
    "math.exp(1000)",
    "math.acos(2)",
    "math.sin(inf)",
    "math.gamma(-1)",
    "math.fmod(1, 0)",
    "math.pow(0, -1)",
    "math.factorial(-1)",
    "math.factorial(1.5)",
    "math.floor(inf)",
    "math.ceil(nan)",
    "math.sin('a')",
    "math.sin(1j)",
    "math.isclose(1, 2, rel_tol=-1)",
    "math.sqrt()",
    "cmath.log('a')",
):
    try:
        print(expression, "=", eval(expression))
    except Exception as e:
        print(expression, type(e).__name__, e)
