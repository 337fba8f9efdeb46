# What the test images have frozen: see README.md of the tests.
include("lib", sample=True)
freeze("alone", "boot_like.py", opt=3)
freeze_as_str("text")
