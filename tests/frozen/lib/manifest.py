# A library of the test manifest: included, with an option.
options.defaults(sample=False, nothing=None)
metadata(version="1.0.0", description="for tests")
module("frozen_constants.py")
module("frozen_names.py")
if options.sample:
    package("frozen_package", opt=1)
