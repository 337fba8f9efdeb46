# The modules of this room that are Python text, to be frozen: then importing them costs no compilation and hardly any
# RAM. Without this they are compiled at the first import. Use: include() it, or `cargo xtask firmware --frozen`.
freeze("asyncio", ("asyncio.py", "_asyncio_streams.py"))
freeze("threading", ("threading.py", "queue.py"))
