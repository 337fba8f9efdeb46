# The functions that a manifest calls. Each only notes what was asked for, as a tuple of strings; the tool does it
# afterwards, in this order. `_given` holds the options of the `include` that led here.

_requests = []


class _Options:
    def __init__(self, given):
        self._given = given
        self._defaults = {}

    def defaults(self, **values):
        self._defaults.update(values)

    def __getattr__(self, name):
        if name in self._given:
            return self._given[name]
        if name in self._defaults:
            return self._defaults[name]
        raise AttributeError(name)


def _note(kind, path, which="", base="", opt=None):
    _requests.append((kind, path, which, base, "" if opt is None else str(opt)))


def _each(scripts):
    if scripts is None:
        return [""]
    return [scripts] if isinstance(scripts, str) else scripts


def freeze(path, script=None, opt=None):
    for which in _each(script):
        _note("freeze", path, which, "", opt)


def freeze_as_str(path):
    _note("text", path)


def module(path, base_path=".", opt=None):
    _note("module", path, "", base_path, opt)


def package(path, files=None, base_path=".", opt=None):
    for which in _each(files):
        _note("package", path, which, base_path, opt)


def include(path, **options):
    _note("include", path, repr(options))


def require(name, version=None, unix_ffi=False, pypi=None, library=None, **options):
    _note("require", name, repr(options), library or "")


def add_library(name, path, prepend=False):
    _note("library", name, path, "first" if prepend else "")


def metadata(description=None, version=None, license=None, author=None, stdlib=None, pypi=None, pypi_publish=None):
    pass


options = _Options(_given)
